#include "llmdyno/report/sweep_resume.h"

#include <array>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>

#include "llmdyno/base/status_macros.h"
#include "report/sweep_metadata.h"
#include "report/sweep_reading.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

struct Setting {
  const char* key;
  const char* name;  // as people call it
};

// What makes results comparable. Neither levels nor descriptions: those may change.
constexpr std::array<Setting, 24> kSettings = {{{"kind", "the kind of sweep"},
                                                {"model", "the model"},
                                                {"api_base", "the endpoint"},
                                                {"endpoint", "the endpoint's route"},
                                                {"simulated", "whether the endpoint is simulated"},
                                                {"scenario", "the scenario"},
                                                {"request_kind", "the kind of request"},
                                                {"texts_per_request", "the number of texts per request"},
                                                {"dataset_key", "the dataset"},
                                                {"dataset_config", "the dataset configuration"},
                                                {"prompt_source", "where prompts come from"},
                                                {"execution_mode", "the way of loading"},
                                                {"num_prompts", "the number of prompts"},
                                                {"duration_seconds", "the duration"},
                                                {"num_runs", "the number of runs"},
                                                {"max_tokens", "max-tokens"},
                                                {"temperature", "the temperature"},
                                                {"stream", "streaming"},
                                                {"num_completions", "the number of completions"},
                                                {"ignore_eos", "ignore-eos"},
                                                {"seed", "the seed"},
                                                {"lora_config", "the LoRA configuration"},
                                                {"num_images", "the number of images"},
                                                {"image_size", "the size of images"}}};

// Flags that change what is sent and are in no other key.
constexpr std::array<const char*, 15> kFlags = {"simulate",
                                                "prompt_token_ids",
                                                "shared_prefix",
                                                "prefix_ratio",
                                                "input_tokens",
                                                "rerank_documents",
                                                "rerank_api",
                                                "texts_per_request",
                                                "lora_model_format",
                                                "steady_state_threshold",
                                                "api",
                                                "encoding_format",
                                                "dimensions",
                                                "extra_body",
                                                "arrival"};

std::string Shown(const Json& value) {
  constexpr size_t kRoom = 120;
  return value.is_null() ? "none"
                         : Shorten(value.dump(-1, ' ', false, Json::error_handler_t::replace), kRoom);
}

absl::Status Differs(const std::string& path, const std::string& name, const Json& old, const Json& wanted) {
  return absl::FailedPreconditionError("cannot resume '" + path + "': " + name + " was " + Shown(old) +
                                       " there and is " + Shown(wanted) +
                                       " now. Give what it was, or another results file");
}

// Null when it was not given; nothing when there is no such flag, as in files of an older version.
std::optional<Json> FlagOf(const Json& metadata, const char* flag) {
  const Json* flags = FindAt(metadata, {"configuration"});
  if (flags == nullptr || !flags->is_object() || !flags->contains(flag)) return std::nullopt;
  return flags->at(flag);
}

absl::Status CheckSettings(const std::string& path, const Json& old, const Json& wanted) {
  // A simulated endpoint has another port each time; its profile is compared below.
  const bool is_simulated = FlagAt(old, {"simulated"}, false) && FlagAt(wanted, {"simulated"}, false);
  for (const Setting& setting : kSettings) {
    const std::string_view key = setting.key;
    if (is_simulated && (key == "api_base" || key == "endpoint")) continue;
    const Json was = old.value(setting.key, Json(nullptr));
    const Json is = wanted.value(setting.key, Json(nullptr));
    if (was != is) return Differs(path, setting.name, was, is);
  }
  for (const char* flag : kFlags) {
    const auto was = FlagOf(old, flag);
    const auto is = FlagOf(wanted, flag);
    if (was && is && *was != *is) return Differs(path, "--" + std::string(flag), *was, *is);
  }
  return absl::OkStatus();
}

bool IsComplete(const Json& entry, int64_t num_runs) {
  const std::string stop_reason = TextAt(entry, {"stop_reason"});
  for (const char* early : {"interrupted", "plugin_fault", "refused", "consecutive_failures"}) {
    if (stop_reason == early) return false;
  }
  return IntegerAt(entry, {"runs"}).value_or(0) >= num_runs &&
         IntegerAt(entry, {"reliability", "successful_requests"}).value_or(0) > 0;
}

absl::Status NotOurs(const std::string& path, const std::string& why) {
  return absl::InvalidArgumentError("cannot resume '" + path + "': " + why + ". Give another results file");
}

absl::StatusOr<Json> ReadResults(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("cannot resume '" + path + "': there is no such file");
  Json json = Json::parse(file, nullptr, false);
  if (json.is_discarded() || !json.is_object()) return NotOurs(path, "it is no JSON object");
  const bool is_ours = TextAt(json, {"metadata", "format"}) == kSweepFormat;
  if (!is_ours && FindAt(json, {"metadata"}) != nullptr && FindAt(json, {"results"}) != nullptr) {
    return NotOurs(path,
                   "it was written by another benchmark, which does not say all that has to be the same");
  }
  if (!is_ours) return NotOurs(path, "it is no result of llmdyno-sweep or llmdyno-embed");
  if (FindAt(json, {"results"}) == nullptr || !json["results"].is_object()) {
    return NotOurs(path, "it has no results");
  }
  return json;
}

}  // namespace

absl::StatusOr<KeptLevels> ReadKeptLevels(const std::string& path, const SweepReport& wanted) {
  LLMDYNO_ASSIGN_OR_RETURN(const Json json, ReadResults(path));
  // Through text and back, so that both sides are spelled alike.
  const Json now = Json::parse(JsonText(SweepMetadataJson(wanted, {})));
  LLMDYNO_RETURN_IF_ERROR(CheckSettings(path, json["metadata"], now));
  KeptLevels kept{TextAt(json, {"metadata", "run_id"}), {}};
  for (const auto& [key, entry] : json["results"].items()) {
    if (IsComplete(entry, wanted.num_runs)) kept.levels.push_back({key, entry.dump()});
  }
  return kept;
}

}  // namespace llmdyno
