// What a request must not be, whoever made it.
#pragma once

#include <string>

#include "llmdyno/core/request.h"

namespace llmdyno {

// The first thing that makes no sense, as the rest of a sentence ("gave a request without messages"); empty
// when there is none.
std::string NonsenseInRequest(const Request& request);

}  // namespace llmdyno
