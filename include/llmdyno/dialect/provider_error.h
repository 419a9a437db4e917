// The sentence inside an error response. Decoders and the run loop call it. A pure function.
#pragma once

#include <string>
#include <string_view>

namespace llmdyno {

// Reads {"error":{"message":…}}, {"error":"…"}, {"message":…} and {"detail":…}; the beginning of the text
// itself when it is none of them. One line, at most 300 bytes.
std::string ProviderErrorMessage(std::string_view body);

}  // namespace llmdyno
