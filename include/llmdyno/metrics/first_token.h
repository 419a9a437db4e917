// Which event of a stream counts as its first token: tools disagree, so the definition has a name. Metrics,
// flags and files speak it. Pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "llmdyno/base/time.h"
#include "llmdyno/core/record.h"

namespace llmdyno {

// Three definitions; the instants differ in streams that begin with a role or with reasoning.
enum class FirstToken {
  kAnyChunk,  // the first event with a choice, even an empty one: what vLLM's own benchmark measures
  kAnyText,   // the first text, reasoning or tool call: the default
  kContent,   // the first answer text
};
// "any-chunk", "any-text", "content".
std::string_view ToString(FirstToken definition);
// Undoes ToString; nothing for an unknown word.
std::optional<FirstToken> ParseFirstToken(std::string_view text);

// The instant by that definition; nothing when it did not happen or the response was not streamed.
std::optional<TimePoint> FirstTokenAt(const RequestRecord& record, FirstToken definition);

}  // namespace llmdyno
