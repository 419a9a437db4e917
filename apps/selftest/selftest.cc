#include "selftest/selftest.h"

#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>

#include "cli/descriptor_limit.h"
#include "cli/session.h"
#include "cli/signals.h"
#include "llmdyno/base/machine.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/report/result_file.h"
#include "llmdyno/report/selftest_json.h"
#include "llmdyno/report/selftest_table.h"
#include "selftest/cores.h"
#include "selftest/selftest_level.h"

namespace llmdyno {
namespace {

// For the logs of one load; gone with the self-test.
class ScratchFolder {
 public:
  static absl::StatusOr<ScratchFolder> Make() {
    std::error_code error;
    std::string path = (std::filesystem::temp_directory_path(error) / "llmdyno-selftest-XXXXXX").string();
    if (error || ::mkdtemp(path.data()) == nullptr) {
      return absl::InternalError("cannot make a temporary folder '" + path +
                                 "'; TMPDIR says where it is to be");
    }
    return ScratchFolder(std::move(path));
  }
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, "")) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

std::optional<int64_t> DescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return static_cast<int64_t>(limit.rlim_cur);
}

std::optional<int64_t> AvailableMemoryBytes() {
  std::ifstream file("/proc/meminfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("MemAvailable:")) return 1024 * std::atoll(line.c_str() + 13);
  }
  return std::nullopt;
}

// Why a level cannot be run here; empty when it can.
std::string WhyNot(int64_t concurrency) {
  constexpr int64_t kSpareDescriptors = 64;
  // Both sides, and what both logs keep until they are compared.
  constexpr int64_t kBytesPerStream = 100'000;
  const int64_t descriptors = concurrency + kSpareDescriptors;
  if (const auto limit = DescriptorLimit(); limit && *limit < descriptors) {
    return "it needs " + WithThousands(descriptors) + " descriptors, and this process may open " +
           WithThousands(*limit) + " (ulimit -Hn)";
  }
  const int64_t bytes = concurrency * kBytesPerStream;
  if (const auto memory = AvailableMemoryBytes(); memory && *memory < bytes) {
    return "it needs about " + WithThousands(bytes >> 20) + " MB of memory, and " +
           WithThousands(*memory >> 20) + " are free";
  }
  return "";
}

class Selftest {
 public:
  Selftest(const SelftestSpec& spec, SelftestSetting setting) : spec_(spec), setting_(std::move(setting)) {}

  absl::Status Run(SelftestReport& report) {
    for (const int64_t concurrency : spec_.levels) {
      if (setting_.control.stop_requested()) break;
      if (std::string why = WhyNot(concurrency); !why.empty()) {
        report.skipped.push_back({concurrency, std::move(why)});
        continue;
      }
      std::fprintf(stderr, "%s streams\n", WithThousands(concurrency).c_str());
      LLMDYNO_ASSIGN_OR_RETURN(SelftestLevel level,
                               RunStreams({concurrency, spec_.window, spec_.itl}, setting_));
      report.levels.push_back(std::move(level));
    }
    for (const double rate : spec_.rates) {
      if (setting_.control.stop_requested()) break;
      std::fprintf(stderr, "%g requests/s\n", rate);
      LLMDYNO_ASSIGN_OR_RETURN(SelftestSends sends, RunSends({rate, spec_.rate_window}, setting_));
      report.sends.push_back(std::move(sends));
    }
    report.interrupted = setting_.control.stop_requested();
    return absl::OkStatus();
  }

 private:
  const SelftestSpec& spec_;
  const SelftestSetting setting_;
};

void NoteBusyMachine(SelftestReport& report) {
  double load[1];
  if (::getloadavg(load, 1) != 1 || load[0] < 0.5) return;
  char text[160];
  std::snprintf(text, sizeof text,
                "the machine was busy when the self-test began: %.1f runnable threads on average over the "
                "last minute, on %lld cores",
                load[0], static_cast<long long>(report.machine.cores));
  report.notes.emplace_back(text);
}

SelftestReport DescribeSelftest(const SelftestSpec& spec, const CoreSplit& cores, const FlagTable& flags) {
  SelftestReport report;
  report.provenance = {LLMDYNO_VERSION, __VERSION__, SystemClock().WallNow()};
  report.machine = ReadMachine();
  report.client_cores = cores.client;
  report.endpoint_cores = cores.endpoint;
  report.stream_tokens_per_second = 1 / ToSeconds(spec.itl);
  report.configuration_json = flags.ConfigurationJson();
  NoteBusyMachine(report);
  return report;
}

ExitStatus Judge(const SelftestReport& report, const SelftestOptions& options) {
  if (report.interrupted) return SignalsToRun::received() == SIGTERM ? kExitTerminated : kExitInterrupted;
  if (!options.max_p99_us) return kExitOk;
  const SelftestLevel* above = FirstLevelAbove(report, *options.max_p99_us);
  if (above == nullptr) return kExitOk;
  const auto& figures = above->error(MeasuredQuantity::kArrival);
  std::fprintf(stderr, "llmdyno-selftest: at %s streams %s; --max-p99-us is %g\n",
               WithThousands(above->concurrency).c_str(),
               figures ? ("the p99 error of arrivals is " + std::to_string(figures->p99_us) + " us").c_str()
                       : "nothing could be compared",
               *options.max_p99_us);
  return kExitAboveLimit;
}

}  // namespace

absl::StatusOr<ExitStatus> RunSelftest(const SelftestOptions& options, const FlagTable& flags) {
  LLMDYNO_ASSIGN_OR_RETURN(const SelftestSpec spec, MakeSelftestSpec(options));
  (void)RaiseDescriptorLimit(0);  // as far as it goes; each level is checked against it
  CoreSplit cores = SplitCores();
  SelftestReport report = DescribeSelftest(spec, cores, flags);
  if (!KeepOn(cores.client)) {
    cores = {};
    report.client_cores.clear();
    report.endpoint_cores.clear();
  }
  LLMDYNO_ASSIGN_OR_RETURN(const ScratchFolder folder, ScratchFolder::Make());
  const Catalog catalog = MakeBuiltInCatalog();
  const Diagnostics diagnostics = ConsoleDiagnostics();
  RunControl control;
  const SignalsToRun signals(control);
  Selftest selftest(spec, {SystemClock(), catalog, diagnostics, control, cores, folder.path()});
  LLMDYNO_RETURN_IF_ERROR(selftest.Run(report));
  std::fputs(FormatSelftest(report).c_str(), stdout);
  LLMDYNO_RETURN_IF_ERROR(WriteResultFile(options.output, SelftestJson(report)));
  std::printf("\nWritten to %s\n", options.output.c_str());
  return Judge(report, options);
}

}  // namespace llmdyno
