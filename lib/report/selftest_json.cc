#include "llmdyno/report/selftest_json.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>

#include "llmdyno/base/status_macros.h"
#include "report/report_json.h"
#include "report/sweep_reading.h"

namespace llmdyno {
namespace {

constexpr const char* kFormat = "llmdyno-selftest";
constexpr int64_t kVersion = 1;

std::string HexText(uint64_t hash) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash));
  return digits;
}

uint64_t ParseHex(const std::string& text) {
  uint64_t hash = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), hash, 16);
  return read.ptr == text.data() + text.size() ? hash : 0;
}

Json MachineJson(const Machine& machine) {
  return {{"cores", machine.cores == 0 ? Json(nullptr) : Json(machine.cores)},
          {"cpu_model", TextOrNull(machine.cpu_model)},
          {"kernel", TextOrNull(machine.kernel)},
          {"governor", TextOrNull(machine.governor)},
          {"host_hash", machine.host_hash == 0 ? Json(nullptr) : Json(HexText(machine.host_hash))}};
}

Json FiguresJson(const std::optional<ErrorFigures>& figures) {
  if (!figures) return nullptr;
  return {{"n", figures->n},
          {"bias_us", figures->bias_us},
          {"p50_us", figures->p50_us},
          {"p99_us", figures->p99_us},
          {"max_us", figures->max_us}};
}

Json LevelJson(const SelftestLevel& level) {
  Json errors = Json::object();
  for (size_t i = 0; i < kMeasuredQuantities; ++i) {
    errors[std::string(ToString(QuantityAt(i)))] = FiguresJson(level.errors[i]);
  }
  return {{"concurrency", level.concurrency},
          {"request_tokens", level.request_tokens},
          {"window_s", ToSeconds(level.window)},
          {"scripted_tokens_per_second", level.scripted_tokens_per_second},
          {"tokens_per_second", level.tokens_per_second},
          {"errors", errors},
          {"tokens", level.tokens},
          {"upper_bound_share", ValueOrNull(level.upper_bound_share)},
          {"stamps", ArrivalsJson(level.stamps)},
          {"requests", level.requests},
          {"failed_requests", level.failed_requests},
          {"without_truth", level.without_truth},
          {"token_mismatches", level.token_mismatches},
          {"tokens_per_cpu_second", ValueOrNull(level.tokens_per_cpu_second)},
          {"late_send_share", ValueOrNull(level.late_send_share)},
          {"client_cpu_share", ValueOrNull(level.client_cpu_share)},
          {"client_wait_share", ValueOrNull(level.client_wait_share)},
          {"endpoint_cpu_share", ValueOrNull(level.endpoint_cpu_share)},
          {"endpoint_wait_share", ValueOrNull(level.endpoint_wait_share)},
          {"interrupted", level.interrupted},
          {"verdict", VerdictJson(level.validity, level.health)},
          {"notes", SelftestNotes(level)}};
}

Json SendsJson(const SelftestSends& sends) {
  return {{"requests_per_second", sends.requests_per_second},
          {"send_error", FiguresJson(sends.send_error)},
          {"sent_per_second", ValueOrNull(sends.sent_per_second)},
          {"interrupted", sends.interrupted},
          {"valid", sends.validity.valid},
          {"reasons", ReasonsJson(sends.validity.reasons)}};
}

Json HighestJson(const SelftestReport& report) {
  const SelftestLevel* highest = HighestLoadBelow(report);
  return {{"limit_us", report.limit_us},
          {"concurrency", highest == nullptr ? Json(nullptr) : Json(highest->concurrency)},
          {"tokens_per_second", highest == nullptr ? Json(nullptr) : Json(highest->tokens_per_second)}};
}

// What the words mean, for a reader who has nothing else.
Json Definitions() {
  return {{"error",
           "the client's figure minus the endpoint's own; bias is the mean, the rest of absolute values"},
          {"arrival", "arrival stamp - instant right before the endpoint's send of that token"},
          {"ttft", "truth begins when the client was ready to write the request"},
          {"e2e", "as ttft"},
          {"ttft_with_read_delay", "truth begins when the endpoint had read the request"},
          {"e2e_with_read_delay", "as ttft_with_read_delay"},
          {"send_error", "started - scheduled"},
          {"quantile", "linear"}};
}

Machine MachineAt(const Json& json) {
  Machine machine;
  machine.cores = IntegerAt(json, {"machine", "cores"}).value_or(0);
  machine.cpu_model = TextAt(json, {"machine", "cpu_model"});
  machine.kernel = TextAt(json, {"machine", "kernel"});
  machine.governor = TextAt(json, {"machine", "governor"});
  machine.host_hash = ParseHex(TextAt(json, {"machine", "host_hash"}));
  return machine;
}

std::optional<ErrorFigures> FiguresAt(const Json& errors, const std::string& name) {
  const Json* figures = FindAt(errors, {name.c_str()});
  if (figures == nullptr) return std::nullopt;
  const auto n = IntegerAt(*figures, {"n"});
  const auto bias = NumberAt(*figures, {"bias_us"});
  const auto p50 = NumberAt(*figures, {"p50_us"});
  const auto p99 = NumberAt(*figures, {"p99_us"});
  const auto max = NumberAt(*figures, {"max_us"});
  if (!n || *n < 1 || !bias || !p50 || !p99 || !max) return std::nullopt;
  return ErrorFigures{*n, *bias, *p50, *p99, *max};
}

// Nothing for what is no whole level.
std::optional<SelftestSummary::Level> LevelAt(const Json& json) {
  const auto concurrency = IntegerAt(json, {"concurrency"});
  const auto speed = NumberAt(json, {"tokens_per_second"});
  const Json* errors = FindAt(json, {"errors"});
  if (!concurrency || !speed || errors == nullptr || FlagAt(json, {"interrupted"}, false))
    return std::nullopt;
  SelftestSummary::Level level;
  level.concurrency = *concurrency;
  level.tokens_per_second = *speed;
  level.valid = FlagAt(json, {"verdict", "valid"}, false);
  for (size_t i = 0; i < kMeasuredQuantities; ++i) {
    level.errors[i] = FiguresAt(*errors, std::string(ToString(QuantityAt(i))));
  }
  return level;
}

absl::Status NoSelftest(const std::string& path, const std::string& why) {
  return absl::InvalidArgumentError("the self-test '" + path + "' cannot be used: " + why +
                                    ". llmdyno-selftest --output FILE writes one");
}

}  // namespace

std::string SelftestJson(const SelftestReport& report) {
  const auto& started = report.provenance.started_at;
  Json json = {{"format", kFormat},
               {"version", kVersion},
               {"llmdyno_version", TextOrNull(report.provenance.version)},
               {"compiler", TextOrNull(report.provenance.compiler)},
               {"started_at", started ? Json(IsoUtc(*started)) : Json(nullptr)},
               {"simulated", true},
               {"machine", MachineJson(report.machine)},
               {"client_cores", report.client_cores},
               {"endpoint_cores", report.endpoint_cores},
               {"stream_tokens_per_second", report.stream_tokens_per_second}};
  Json levels = Json::array();
  for (const SelftestLevel& level : report.levels) levels.push_back(LevelJson(level));
  json["levels"] = levels;
  Json sends = Json::array();
  for (const SelftestSends& rate : report.sends) sends.push_back(SendsJson(rate));
  json["sends"] = sends;
  Json skipped = Json::array();
  for (const SelftestSkip& skip : report.skipped) {
    skipped.push_back({{"concurrency", skip.concurrency}, {"reason", skip.reason}});
  }
  json["skipped"] = skipped;
  json["highest_load"] = HighestJson(report);
  json["interrupted"] = report.interrupted;
  json["notes"] = report.notes;
  json["definitions"] = Definitions();
  json["configuration"] = ConfigurationJson(report.configuration_json);
  return JsonText(json);
}

absl::StatusOr<SelftestSummary> ReadSelftest(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("the self-test '" + path + "' cannot be read: there is no such file");
  const Json json = Json::parse(file, nullptr, false);
  if (json.is_discarded() || TextAt(json, {"format"}) != kFormat) {
    return NoSelftest(path, "it is no selftest.json");
  }
  const auto version = IntegerAt(json, {"version"});
  if (version != kVersion) {
    return NoSelftest(path, "its version is " +
                                (version ? std::to_string(*version) : std::string("missing")) +
                                ", expected " + std::to_string(kVersion));
  }
  SelftestSummary summary;
  summary.path = path;
  summary.date = TextAt(json, {"started_at"}).substr(0, 10);
  summary.machine = MachineAt(json);
  if (const Json* levels = FindAt(json, {"levels"}); levels != nullptr && levels->is_array()) {
    for (const Json& entry : *levels) {
      if (auto level = LevelAt(entry)) summary.levels.push_back(*std::move(level));
    }
  }
  if (summary.levels.empty()) return NoSelftest(path, "it has no level that was measured to its end");
  std::sort(summary.levels.begin(), summary.levels.end(),
            [](const auto& a, const auto& b) { return a.concurrency < b.concurrency; });
  return summary;
}

}  // namespace llmdyno
