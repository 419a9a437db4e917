#include "report/compared_files.h"

#include <array>
#include <cmath>

#include "llmdyno/metrics/confidence.h"
#include "llmdyno/report/compared_metrics.h"
#include "report/serving_text.h"

namespace llmdyno {
namespace {

std::optional<double> Number(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

std::string Text(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

// Stopped before it had done what it was to do.
bool WasCut(const Json& object) {
  const std::string reason = Text(object, "stop_reason");
  return reason == "interrupted" || reason == "plugin_fault";
}

bool IsTrue(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_boolean() && found->get<bool>();
}

std::optional<Interval> IntervalOf(const Json& json) {
  if (!json.is_array() || json.size() != 2 || !json[0].is_number() || !json[1].is_number()) {
    return std::nullopt;
  }
  return Interval{json[0].get<double>(), json[1].get<double>()};
}

std::optional<Interval> IntervalOf(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found == json.end() ? std::nullopt : IntervalOf(*found);
}

void Add(std::string name, std::optional<double> value, std::optional<Interval> ci95, ComparedLevel& level) {
  if (value && std::isfinite(*value)) level.stored[std::move(name)] = {*value, ci95};
}

// One object of `distributions`, as race and level have them.
void AddDistribution(const Json& values, const std::string& base, ComparedLevel& level) {
  for (const Statistic statistic :
       {Statistic::kMean, Statistic::kP50, Statistic::kP90, Statistic::kP95, Statistic::kP99}) {
    const std::string name(ToString(statistic));
    std::optional<Interval> ci95 = IntervalOf(values, (name + "_ci95").c_str());
    if (const auto all = values.find("ci95"); all != values.end() && all->is_object()) {
      ci95 = IntervalOf(*all, name.c_str());
    }
    if (statistic == Statistic::kMean) ci95 = IntervalOf(values, "mean_ci95");
    Add(base + "_" + name, Number(values, name.c_str()), ci95, level);
  }
}

void AddDistributions(const Json& parent, ComparedLevel& level) {
  const auto all = parent.find("distributions");
  if (all == parent.end()) return;
  for (const ComparedMetric& metric : ComparedMetrics()) {
    if (metric.statistic != Statistic::kMean) continue;
    for (const std::string& key : {metric.base, metric.base + "_ms"}) {
      if (const auto values = all->find(key); values != all->end() && values->is_object()) {
        AddDistribution(*values, metric.base, level);
      }
    }
  }
}

void AddErrorShare(std::optional<double> failed, std::optional<double> requests, ComparedLevel& level) {
  if (failed && requests && *requests > 0) Add("error_share", *failed / *requests, std::nullopt, level);
}

void TakeVerdict(const Json& json, ComparedLevel& level) {
  const auto verdict = json.find("verdict");
  if (verdict != json.end() && verdict->is_object() && verdict->contains("valid")) {
    level.is_valid = verdict->at("valid").get<bool>();
  }
}

void TakeConfiguration(const Json& json, ComparedResult& result) {
  const auto found = json.find("configuration");
  if (found != json.end() && found->is_object()) {
    result.configuration_json = found->dump(-1, ' ', false, Json::error_handler_t::replace);
  }
}

// A leaf of a sweep. `factor` makes its unit ours. A leaf of runs has one value per run.
void AddLeaf(const Json& entry, const char* pointer, const std::string& base, double factor, bool of_runs,
             ComparedLevel& level) {
  const Json::json_pointer where(pointer);
  if (!entry.contains(where) || !entry.at(where).is_object()) return;
  const Json& leaf = entry.at(where);
  const auto scaled = [&](const char* key) {
    const auto value = Number(leaf, key);
    return value ? std::optional(*value * factor) : std::nullopt;
  };
  if (!of_runs) {
    for (const Statistic statistic :
         {Statistic::kMean, Statistic::kP50, Statistic::kP90, Statistic::kP95, Statistic::kP99}) {
      const std::string name(ToString(statistic));
      std::optional<Interval> ci95 = IntervalOf(leaf, (name + "_ci95").c_str());
      if (ci95) ci95 = Interval{ci95->low * factor, ci95->high * factor};
      Add(base + "_" + name, scaled(name.c_str()), ci95, level);
    }
    return;
  }
  std::optional<Interval> ci95 = IntervalOf(leaf, "mean_ci95");
  if (ci95) ci95 = Interval{ci95->low * factor, ci95->high * factor};
  Add(base, scaled("mean"), ci95, level);
}

struct LeafPlace {
  const char* pointer;
  const char* base;
  double factor;
  bool of_runs;
};
constexpr double kToMs = 1000;
// In all schemas of sweeps; what a schema does not have is not found.
constexpr std::array kLeaves = {
    LeafPlace{"/prefill_metrics/ttft", "ttft", kToMs, false},
    LeafPlace{"/prefill_metrics/ttfo", "ttfo", kToMs, false},
    LeafPlace{"/decode_metrics/tpot", "tpot", kToMs, false},
    LeafPlace{"/decode_metrics/e2e", "e2e", kToMs, false},
    LeafPlace{"/latency/ttft", "ttft", kToMs, false},
    LeafPlace{"/latency/tpot", "tpot", kToMs, false},
    LeafPlace{"/latency/e2e", "e2e", kToMs, false},
    LeafPlace{"/latency/request_seconds", "e2e", kToMs, false},
    LeafPlace{"/prefill_time_s", "ttft", kToMs, false},
    LeafPlace{"/tpot_s", "tpot", kToMs, false},
    LeafPlace{"/e2e_s", "e2e", kToMs, false},
    LeafPlace{"/batch_metrics/tokens_per_second", "output_tokens_per_s", 1, true},
    LeafPlace{"/batch_metrics/total_tokens_per_second", "total_tokens_per_s", 1, true},
    LeafPlace{"/batch_metrics/requests_per_second", "requests_per_s", 1, true},
    LeafPlace{"/batch_metrics/items_per_second", "items_per_s", 1, true},
    LeafPlace{"/throughput/batch_tokens_per_second", "output_tokens_per_s", 1, true},
    LeafPlace{"/throughput/total_tokens_per_second", "total_tokens_per_s", 1, true},
    LeafPlace{"/throughput/requests_per_second", "requests_per_s", 1, true},
    LeafPlace{"/throughput/batch_embeddings_per_second", "items_per_s", 1, true},
    LeafPlace{"/tokens_per_second", "output_tokens_per_s", 1, true},
    LeafPlace{"/total_tokens_per_second", "total_tokens_per_s", 1, true}};

ComparedLevel SweepLevel(const std::string& key, const Json& entry, bool is_embedding) {
  ComparedLevel level;
  level.key = key;
  for (const LeafPlace& place : kLeaves)
    AddLeaf(entry, place.pointer, place.base, place.factor, place.of_runs, level);
  if (is_embedding) {
    // Its tokens are those of the texts that were sent.
    if (const auto tokens = level.stored.find("output_tokens_per_s"); tokens != level.stored.end()) {
      level.stored["total_tokens_per_s"] = tokens->second;
      level.stored.erase("output_tokens_per_s");
    }
  }
  if (const auto found = entry.find("reliability"); found != entry.end()) {
    AddErrorShare(Number(*found, "failed_requests"), Number(*found, "total_requests"), level);
  }
  level.is_cut = WasCut(entry);
  TakeVerdict(entry, level);
  return level;
}

std::string LoadKey(const Json& level) {
  const auto users = Number(level, "users");
  if (users) return LoadText(*users, LoadKind::kUsers) + " users";
  const auto target = Number(level, "qps_target");
  if (target) return LoadText(*target, LoadKind::kRate);
  return "inf";
}

}  // namespace

std::string StartedAt(const Json& level) { return Text(level, "started_at"); }

ComparedResult ComparedRace(const Json& summary) {
  ComparedResult result;
  result.kind = ResultKind::kRace;
  result.label = Text(summary, "engine");
  result.model = Text(summary, "model");
  result.endpoint = Text(summary, "endpoint");
  result.is_simulated = IsTrue(summary, "simulated");
  result.version = Text(summary, "llmdyno_version");
  TakeConfiguration(summary, result);
  ComparedLevel level;
  level.key = "race";
  const Json& metrics = summary.at("metrics");
  for (const char* name : {"output_tokens_per_s", "total_tokens_per_s", "requests_per_s"}) {
    const auto intervals = summary.find("rate_ci95");
    const auto ci95 = intervals != summary.end() ? IntervalOf(*intervals, name) : std::nullopt;
    Add(name, Number(metrics, name), ci95, level);
  }
  AddErrorShare(Number(metrics, "failed"), Number(metrics, "requests"), level);
  AddDistributions(summary, level);
  TakeVerdict(summary, level);
  level.is_cut = !summary.value("complete", true) || WasCut(summary);
  result.levels.push_back(std::move(level));
  return result;
}

ComparedResult ComparedQps(const Json& levels, const Json& metadata) {
  ComparedResult result;
  result.kind = ResultKind::kQps;
  result.model = Text(metadata, "model");
  result.endpoint = Text(metadata, "endpoint");
  result.is_simulated = IsTrue(metadata, "simulated");
  result.version = Text(metadata, "llmdyno_version");
  TakeConfiguration(metadata, result);
  std::map<std::string, int> seen;
  for (const Json& json : levels) {
    ComparedLevel level;
    level.key = LoadKey(json);
    // A capacity search tries a load several times.
    if (const int number = ++seen[level.key]; number > 1) level.key += " (" + std::to_string(number) + ")";
    const auto intervals = json.find("rate_ci95");
    const auto ci95 = [&](const char* name) {
      return intervals != json.end() ? IntervalOf(*intervals, name) : std::nullopt;
    };
    Add("output_tokens_per_s", Number(json, "output_tokens_per_s"), ci95("output_tokens_per_s"), level);
    Add("total_tokens_per_s", Number(json, "total_tokens_per_s"), ci95("total_tokens_per_s"), level);
    Add("requests_per_s", Number(json, "successful_qps"), ci95("requests_per_s"), level);
    AddErrorShare(Number(json, "failed_requests"), Number(json, "total_requests"), level);
    AddDistributions(json, level);
    TakeVerdict(json, level);
    level.is_cut = WasCut(json);
    result.levels.push_back(std::move(level));
  }
  return result;
}

ComparedResult ComparedServing(const Json& json) {
  ComparedResult result;
  result.kind = ResultKind::kServing;
  result.label = Text(json, "label");
  result.model = Text(json, "model_id");
  ComparedLevel level;
  level.key = "serve";
  Add("output_tokens_per_s", Number(json, "output_throughput"), std::nullopt, level);
  Add("total_tokens_per_s", Number(json, "total_token_throughput"), std::nullopt, level);
  Add("requests_per_s", Number(json, "request_throughput"), std::nullopt, level);
  const auto completed = Number(json, "completed");
  const auto failed = Number(json, "failed");
  if (completed && failed) AddErrorShare(failed, *completed + *failed, level);
  // vLLM's own definitions of ITL and E2EL differ from ours; its file has no other.
  for (const auto& [theirs, ours] : {std::pair("ttft", "ttft"), std::pair("tpot", "tpot"),
                                     std::pair("itl", "itl"), std::pair("e2el", "e2e")}) {
    const std::string name(theirs);
    const std::string base(ours);
    Add(base + "_mean", Number(json, ("mean_" + name + "_ms").c_str()), std::nullopt, level);
    Add(base + "_p50", Number(json, ("median_" + name + "_ms").c_str()), std::nullopt, level);
    for (const char* p : {"p90", "p95", "p99"}) {
      Add(base + "_" + p, Number(json, (p + ("_" + name) + "_ms").c_str()), std::nullopt, level);
    }
  }
  if (const auto ours = json.find("llmdyno"); ours != json.end() && ours->is_object()) {
    result.endpoint = Text(*ours, "endpoint");
    result.is_simulated = IsTrue(*ours, "simulated");
    result.version = Text(*ours, "llmdyno_version");
    level.is_cut = WasCut(*ours);
    TakeConfiguration(*ours, result);
    TakeVerdict(*ours, level);
  }
  result.levels.push_back(std::move(level));
  return result;
}

ComparedResult ComparedSweep(const Json& json) {
  ComparedResult result;
  result.kind = ResultKind::kSweep;
  const Json& metadata = json.at("metadata");
  result.label = Text(metadata, "description");
  result.model = Text(metadata, "model");
  result.endpoint = Text(metadata, "endpoint");
  result.is_simulated = IsTrue(metadata, "simulated");
  result.version = Text(metadata, "llmdyno_version");
  TakeConfiguration(metadata, result);
  const bool is_embedding = Text(metadata, "kind") == "embedding";
  for (const auto& [key, entry] : json.at("results").items()) {
    if (entry.is_object()) result.levels.push_back(SweepLevel(key, entry, is_embedding));
  }
  return result;
}

}  // namespace llmdyno
