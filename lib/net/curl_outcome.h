// What a libcurl error means in the vocabulary of Outcome.
#pragma once

#include <curl/curl.h>

#include <string_view>

#include "llmdyno/core/outcome.h"

namespace llmdyno {

// `detail` is libcurl's error buffer, used as the message when it says more than the code. `response_began`:
// at least one byte of the response had come.
Outcome OutcomeOf(CURLcode code, std::string_view detail, bool response_began);

}  // namespace llmdyno
