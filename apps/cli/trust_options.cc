#include "cli/trust_options.h"

#include <utility>

#include "cli/run_app.h"
#include "llmdyno/base/machine.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {

void AddTrustFlags(FlagTable& flags, TrustOptions& options) {
  flags.Section("Trust");
  flags.Text(
      "selftest-file", options.selftest_file, "FILE",
      "Print this machine's error beside the numbers, from the selftest.json that llmdyno-selftest wrote");
  flags.Switch("strict", options.strict, "End with exit status 5 when the verdict is SUSPECT");
}

ExitStatus StrictStatus(const TrustOptions& options, ExitStatus status, bool is_valid,
                        const std::string& program) {
  if (!options.strict || status != kExitOk || is_valid) return status;
  Complain(program, "the verdict is SUSPECT, and --strict was given");
  return kExitSuspect;
}

absl::StatusOr<SelftestFile> SelftestFile::Read(const TrustOptions& options, const Diagnostics& diagnostics) {
  SelftestFile file;
  if (options.selftest_file.empty()) return file;
  absl::StatusOr<SelftestSummary> summary = ReadSelftest(options.selftest_file);
  if (!summary.ok()) {
    return absl::InvalidArgumentError("--selftest-file: " + std::string(summary.status().message()));
  }
  for (const std::string& warning : SelftestWarnings(*summary, ReadMachine())) diagnostics.Warn(warning);
  file.summary_ = *std::move(summary);
  return file;
}

std::vector<MeasurementErrorNote> SelftestFile::ErrorsAt(
    const ClientLoad& load, const std::vector<MeasuredQuantity>& quantities) const {
  std::vector<MeasurementErrorNote> notes;
  if (!summary_) return notes;
  for (const MeasuredQuantity quantity : quantities) {
    if (auto note = FindMeasurementError(*summary_, quantity, load)) notes.push_back(*std::move(note));
  }
  return notes;
}

std::vector<MeasurementErrorNote> SelftestFile::ErrorsAt(const ClientLoad& load) const {
  using enum MeasuredQuantity;
  return ErrorsAt(load, {kTtft, kItl, kTpot, kE2e});
}

}  // namespace llmdyno
