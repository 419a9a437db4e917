// From the JSON of one result file to what is drawn.
#pragma once

#include <string>

#include "report/report_json.h"
#include "report/sweep_plot_data.h"

namespace llmdyno {

// Metadata of any of the schemas.
void ParsePlotMetadata(const Json& metadata, SweepPlotRun& run);

// Adds the entry `key` of `results` in whichever schema it is. False when it holds nothing that is known: the
// level is then listed as missing.
bool ParsePlotEntry(const std::string& key, const Json& entry, const Json& metadata, SweepPlotRun& run);

// What kind of result an entry is of; nothing when it is of none.
std::optional<SweepPlotKind> PlotKindOf(const std::string& key, const Json& entry);

}  // namespace llmdyno
