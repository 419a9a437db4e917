#include "llmdyno/run/run_spec.h"

#include "llmdyno/base/params.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {

absl::Status RunSpec::Validate() const {
  LLMDYNO_RETURN_IF_ERROR(Params::Parse(dialect_name).status());
  LLMDYNO_RETURN_IF_ERROR(dialect.Validate());
  LLMDYNO_RETURN_IF_ERROR(workload.tokens.Validate());
  LLMDYNO_RETURN_IF_ERROR(workload.request.Validate());
  if (workload.requests && *workload.requests < 1) {
    return absl::InvalidArgumentError("the number of requests to prepare is " +
                                      std::to_string(*workload.requests) + ": expected 1 or more");
  }
  LLMDYNO_RETURN_IF_ERROR(std::visit([](const auto& config) { return config.Validate(); }, load));
  LLMDYNO_RETURN_IF_ERROR(stop.Validate());
  LLMDYNO_RETURN_IF_ERROR(transport.Validate());
  if (endpoint.model.empty()) return absl::InvalidArgumentError("the model's name is empty");
  if (workload.name.empty()) return absl::InvalidArgumentError("no workload is named");
  if (warm_up_requests < 0) return absl::InvalidArgumentError("warm-up requests must be 0 or more");
  if (drain_timeout < Duration::zero())
    return absl::InvalidArgumentError("the drain timeout must be 0 or more");
  constexpr int kMostShards = 1024;
  if (shards < 0 || shards > kMostShards) {
    return absl::InvalidArgumentError("shards is " + std::to_string(shards) +
                                      ": expected 0 (one for each processor) to " +
                                      std::to_string(kMostShards));
  }
  if (level < 0) return absl::InvalidArgumentError("the level must be 0 or more");
  if (first_request_id < 0) return absl::InvalidArgumentError("the first request's id must be 0 or more");
  return absl::OkStatus();
}

}  // namespace llmdyno
