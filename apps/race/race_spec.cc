#include "race/race_spec.h"

#include <sys/stat.h>

#include <algorithm>
#include <string>
#include <vector>

#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

constexpr int64_t kDefaultTargetTokens = 1'000'000;
constexpr int64_t kDefaultMaxTokens = 2048;
constexpr int64_t kDefaultOfflineMaxTokens = 250;

absl::Status CheckTogether(const RaceOptions& options) {
  if (options.prompt_min_tokens > options.prompt_max_tokens) {
    return absl::InvalidArgumentError("--prompt-min-tokens " + std::to_string(options.prompt_min_tokens) +
                                      " is above --prompt-max-tokens " +
                                      std::to_string(options.prompt_max_tokens));
  }
  if (options.engine.find('/') != std::string::npos) {
    return absl::InvalidArgumentError("--engine '" + options.engine +
                                      "' is part of a file name and may hold no '/'");
  }
  return absl::OkStatus();
}

// The reference system's default is dolly, which it downloads; we read local files only, and without one the
// race runs on synthetic text.
std::string DefaultDataset() {
  struct stat unused {};
  return ::stat("datasets/databricks-dolly-15k.jsonl", &unused) == 0 ? "dolly" : "synthetic";
}

void FillDefaults(RaceOptions& options, const FlagTable& flags) {
  if (!options.target_tokens && !options.num_requests && !options.duration) {
    options.target_tokens = kDefaultTargetTokens;
  }
  if (!options.max_tokens)
    options.max_tokens = options.is_offline() ? kDefaultOfflineMaxTokens : kDefaultMaxTokens;
  if (options.dataset.empty()) options.dataset = DefaultDataset();
  if (options.is_offline() && !flags.WasGiven("users") && !options.max_num_seqs) options.max_num_seqs = 256;
  if (options.max_num_seqs) options.users = *options.max_num_seqs;
  // A batch is there as a whole from the start.
  if ((options.is_offline() || options.max_num_seqs) && !flags.WasGiven("spawn-rate")) options.spawn_rate = 0;
  const std::string& simulate = options.endpoint.simulate;
  if (!simulate.empty() && options.engine.empty()) {
    options.engine = "simulated-" + simulate.substr(0, simulate.find(':'));
  }
}

}  // namespace

absl::StatusOr<RunSpec> MakeRaceSpec(RaceOptions& options, const FlagTable& flags) {
  std::vector<std::string> also_missing;
  if (options.engine.empty()) also_missing.emplace_back("--engine");
  LLMDYNO_RETURN_IF_ERROR(options.endpoint.Complete("llmdyno-race", "base-url (or --host)", also_missing));
  LLMDYNO_RETURN_IF_ERROR(CheckTogether(options));
  LLMDYNO_RETURN_IF_ERROR(CheckReadable("dataset-path", options.dataset_path));
  if (!options.extensions.workload.empty()) {
    if (!options.dataset.empty()) {
      return absl::InvalidArgumentError("--workload and --dataset are the same here: give one of them");
    }
    options.dataset = options.extensions.workload;
  }
  FillDefaults(options, flags);
  RunSpec spec;
  LLMDYNO_RETURN_IF_ERROR(options.endpoint.ApplyTo(spec, "base-url"));
  LLMDYNO_RETURN_IF_ERROR(options.request.ApplyTo(spec));
  LLMDYNO_RETURN_IF_ERROR(options.connection.ApplyTo(spec));

  spec.workload.name = options.dataset;
  spec.workload.path = options.dataset_path;
  spec.workload.tokens = {options.prompt_min_tokens, options.prompt_max_tokens};
  if (options.system_prompt) spec.workload.request.system_prompt = *options.system_prompt;
  spec.workload.request.max_output_tokens = options.max_tokens;

  ClosedLoopConfig load;
  load.users = options.users;
  if (options.num_requests) load.users = std::min(options.users, *options.num_requests);
  load.ramp_users_per_second = options.spawn_rate;
  spec.load = load;
  spec.stop.output_tokens = options.target_tokens;
  spec.stop.requests = options.num_requests;
  spec.stop.duration = options.duration;
  spec.stop.max_duration = options.max_duration;
  spec.stop.consecutive_failures = options.max_consecutive_failures;
  spec.stop.consecutive_failures_at_start = std::min<int64_t>(10, options.max_consecutive_failures);

  spec.transport.expected_concurrency = static_cast<int>(options.users);

  spec.warm_up_requests = options.warmup_requests;
  spec.drain_timeout = options.drain_timeout;
  spec.seed = static_cast<uint64_t>(options.seed);
  spec.keep_texts = options.save_text;
  LLMDYNO_RETURN_IF_ERROR(spec.Validate());
  return spec;
}

}  // namespace llmdyno
