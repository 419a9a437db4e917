#include "llmdyno/report/sweep_json.h"

#include <utility>
#include <vector>

#include "report/sweep_entry.h"
#include "report/sweep_matrix.h"
#include "report/sweep_metadata.h"

namespace llmdyno {

std::string SweepResultsJson(const SweepReport& report) {
  std::vector<SweepEntry> entries = SweepEntries(report);
  Json json = {{"metadata", SweepMetadataJson(report, entries)}, {"results", Json::object()}};
  if (report.kind == SweepKind::kShapes) json["matrix"] = ShapeMatricesJson(ShapeMatrices(entries));
  for (SweepEntry& entry : entries) json["results"][entry.key] = std::move(entry.json);
  return JsonText(json);
}

}  // namespace llmdyno
