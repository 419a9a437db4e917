// The result of a measurement for programs.
#pragma once

#include <string>

#include "llmdyno/measure/measurement.h"

namespace llmdyno {

// Of a closed loop the document of summary.json, of an open loop one level of a QPS benchmark and what has to
// be known about it (docs/result-files.md, "summary.json" and "A level alone"). `configuration` is the spec
// (docs/run-spec.md), so that the run can be made again; no secret. Indented, ending in a newline.
std::string ToJson(const MeasurementResult& result);

}  // namespace llmdyno
