// llmdyno-report: explains the files of finished races and plots those of sweeps.
//   llmdyno-report show results/million-tokens-20250131-120000
//   llmdyno-report compare vllm.csv tgi.csv
//   llmdyno-report cost --csv vllm.csv --price-per-hour 1.47
//   llmdyno-report plot sweep.json --output sweep.png
#include <cstdio>

#include "report/report_command.h"

int main(int argc, char* argv[]) {
  const auto text = llmdyno::RunReportCommand({argv + 1, argv + argc});
  if (!text.ok()) {
    std::fprintf(stderr, "llmdyno-report: %s\n", std::string(text.status().message()).c_str());
    // Nearly all that fails here fails for what it was given: a flag, or a file.
    return absl::IsInternal(text.status()) ? 1 : 2;
  }
  const bool written = std::fputs(text->c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  return written ? 0 : 1;
}
