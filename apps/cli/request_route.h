// Where requests go, as the dialect spells it.
#pragma once

#include <string>

#include "llmdyno/dialect/dialect.h"
#include "llmdyno/run/run_spec.h"

namespace llmdyno {

// The full URL that requests of this dialect go to; empty while the endpoint has no address (a simulator that
// does not run yet).
std::string RequestRoute(const RunSpec& run, const Dialect& dialect);

}  // namespace llmdyno
