// What an endpoint itself knows of one request: the instants to which a client's are compared.
//
// A simulated endpoint writes them into its log; whoever measures a client's error joins them with the
// client's records. All instants are of the monotonic clock of one machine. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "llmdyno/base/time.h"

namespace llmdyno {

struct RequestTruth {
  TimePoint read_at;                      // the read that completed the request
  std::vector<TimePoint> tokens_sent_at;  // right before the send that completed each token's event
  std::optional<TimePoint> ended_at;      // right before the last send; absent when the response broke off
};

// By the x-request-id that the client sent.
using RequestTruths = std::unordered_map<std::string, RequestTruth>;

// The x-request-id that the request of this id carries, unless the user's own headers say otherwise.
inline std::string XRequestId(int64_t request_id) { return "llmdyno-" + std::to_string(request_id); }

}  // namespace llmdyno
