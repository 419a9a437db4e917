#include "llmdyno/run/run_spec.h"

#include "llmdyno/base/status_macros.h"

namespace llmdyno {

absl::Status RunSpec::Validate() const {
  LLMDYNO_RETURN_IF_ERROR(dialect.Validate());
  LLMDYNO_RETURN_IF_ERROR(workload.tokens.Validate());
  LLMDYNO_RETURN_IF_ERROR(workload.request.Validate());
  LLMDYNO_RETURN_IF_ERROR(load.Validate());
  LLMDYNO_RETURN_IF_ERROR(stop.Validate());
  LLMDYNO_RETURN_IF_ERROR(transport.Validate());
  if (endpoint.model.empty()) return absl::InvalidArgumentError("the model's name is empty");
  if (workload.name.empty()) return absl::InvalidArgumentError("no workload is named");
  if (warm_up_requests < 0) return absl::InvalidArgumentError("warm-up requests must be 0 or more");
  if (drain_timeout < Duration::zero())
    return absl::InvalidArgumentError("the drain timeout must be 0 or more");
  return absl::OkStatus();
}

}  // namespace llmdyno
