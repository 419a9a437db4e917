// Puts pictures themselves in place of the addresses that the dataset server gives for them.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "hub/hub_client.h"

namespace llmdyno {

// Of {"src": …} in `column`, or a list of these, {"bytes": base64} is made: addresses are signed and expire,
// and a file that is kept must not. `first_row` is the number of the first of the rows, for messages.
absl::Status FetchPictures(HubClient& client, const std::string& server, const std::string& column,
                           int64_t first_row, std::span<nlohmann::ordered_json> rows);

}  // namespace llmdyno
