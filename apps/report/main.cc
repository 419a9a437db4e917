// llmdyno-report: explains, compares and plots the files of finished runs.
//   llmdyno-report show results/million-tokens-20250131-120000
//   llmdyno-report compare results/before results/after --fail-if 'ttft_p99>+5%'
//   llmdyno-report definitions results/million-tokens-20250131-120000
//   llmdyno-report cost --csv vllm.csv --price-per-hour 1.47
//   llmdyno-report plot sweep.json --output sweep.png
//   llmdyno-report write results/million-tokens-20250131-120000 --report markdown
#include <cstdio>

#include "report/report_command.h"

int main(int argc, char* argv[]) {
  const auto output = llmdyno::RunReportCommand({argv + 1, argv + argc});
  if (!output.ok()) {
    std::fprintf(stderr, "llmdyno-report: %s\n", std::string(output.status().message()).c_str());
    // Nearly all that fails here fails for what it was given: a flag, or a file.
    return absl::IsInternal(output.status()) ? 1 : 2;
  }
  const bool written = std::fputs(output->text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  return written ? output->exit : llmdyno::kExitInternal;
}
