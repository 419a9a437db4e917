#include "cli/descriptor_limit.h"

#include <sys/resource.h>

#include <string>

namespace llmdyno {

absl::Status RaiseDescriptorLimit(int64_t needed) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return absl::OkStatus();
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= static_cast<rlim_t>(needed))
    return absl::OkStatus();
  return absl::FailedPreconditionError(
      "this run may need " + std::to_string(needed) + " file descriptors, but this process may open only " +
      std::to_string(limit.rlim_cur) + ": raise the hard limit (ulimit -Hn) or use fewer users");
}

}  // namespace llmdyno
