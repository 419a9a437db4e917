// A summary in Markdown for each kind of result file. Any member may be missing or of another type.
#pragma once

#include <string>

#include "report/report_json.h"

namespace llmdyno {

// summary.json of a race.
std::string MarkdownOfRace(const Json& summary);
// metadata.json (null when there is none) and the list of levels of a benchmark of rates.
std::string MarkdownOfQps(const Json& metadata, const Json& levels);
// vLLM's serving JSON.
std::string MarkdownOfServing(const Json& result);
// A sweep, of any kind.
std::string MarkdownOfSweep(const Json& sweep);

}  // namespace llmdyno
