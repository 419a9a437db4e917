// What is sent to a chat endpoint in one request: the messages so far, of one row of a dataset. A plain
// value. Datasets hold them, sources send them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llmdyno/core/request.h"

namespace llmdyno {

struct Conversation {
  std::vector<Message> messages;  // at least one; no role and no content is empty
  // How many tokens the row says that its answer has, where it says so.
  std::optional<int64_t> output_tokens = {};
  // All messages together by the rule of thumb (EstimateTokens); 0 until somebody asked for it.
  int64_t estimated_tokens = 0;
};

}  // namespace llmdyno
