// Progress for programs in other languages.
#pragma once

#include <string>

#include "llmdyno/measure/measurement.h"

namespace llmdyno {

// On one line; docs/c-interface.md has the members. `is_over`: no more will come.
std::string ToJson(const MeasurementProgress& progress, bool is_over);

}  // namespace llmdyno
