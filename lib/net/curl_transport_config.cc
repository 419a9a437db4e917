#include <utility>

#include "llmdyno/net/curl_transport.h"

namespace llmdyno {

absl::Status CurlTransportConfig::Validate() const {
  for (const auto& [name, limit] :
       {std::pair{"connect timeout", connect_timeout}, std::pair{"first-byte timeout", first_byte_timeout},
        std::pair{"idle timeout", idle_timeout}, std::pair{"total timeout", total_timeout}}) {
    if (limit < Duration::zero()) {
      return absl::InvalidArgumentError(std::string(name) + " must be 0 (no limit) or more");
    }
  }
  if (expected_concurrency < 1) return absl::InvalidArgumentError("expected_concurrency must be at least 1");
  return absl::OkStatus();
}

}  // namespace llmdyno
