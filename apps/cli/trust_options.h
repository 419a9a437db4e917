// What every measuring app can be told about how far its numbers may be trusted, and what it knows of that.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/exit_status.h"
#include "cli/flag_table.h"
#include "llmdyno/base/diagnostics.h"
#include "llmdyno/report/measurement_error_note.h"
#include "llmdyno/report/selftest_json.h"

namespace llmdyno {

struct TrustOptions {
  std::string selftest_file;  // empty: none
  bool strict = false;        // a SUSPECT verdict is an exit status
};

// Adds a section. The options must outlive the table.
void AddTrustFlags(FlagTable& flags, TrustOptions& options);

// How a program ends that would end with `status`: a run that reached its target does not please with
// --strict when its verdict is SUSPECT. Says so on standard error.
ExitStatus StrictStatus(const TrustOptions& options, ExitStatus status, bool is_valid,
                        const std::string& program);

// The self-test that the numbers of a run are held against; without one it knows nothing. A value.
class SelftestFile {
 public:
  // Reads the file that was given, if any; InvalidArgument with a sentence when it is no self-test. Warns
  // when it was made on another machine. To be called before anything is sent.
  static absl::StatusOr<SelftestFile> Read(const TrustOptions& options, const Diagnostics& diagnostics);

  // The error of each quantity at this load; of those that the self-test compared.
  std::vector<MeasurementErrorNote> ErrorsAt(const ClientLoad& load,
                                             const std::vector<MeasuredQuantity>& quantities) const;
  // Of TTFT, ITL, TPOT and E2E.
  std::vector<MeasurementErrorNote> ErrorsAt(const ClientLoad& load) const;

 private:
  std::optional<SelftestSummary> summary_;
};

}  // namespace llmdyno
