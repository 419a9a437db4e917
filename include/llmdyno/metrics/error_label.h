// What went wrong, in the few words that tables of errors count by. Metrics and tables call it. A pure
// function.
#pragma once

#include <string>

#include "llmdyno/core/outcome.h"

namespace llmdyno {

// "HTTP 503" for a status, "Timeout" for all four kinds of them, a short fixed text for each other class: the
// spelling of the reference systems where they have one. Never the message of the outcome, so that equal
// failures have equal labels. Empty for a success.
std::string ErrorLabel(const Outcome& outcome);

}  // namespace llmdyno
