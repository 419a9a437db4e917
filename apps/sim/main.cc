// llmdyno-sim: a simulated OpenAI-compatible endpoint on a real port, until SIGINT or SIGTERM.
//   llmdyno-sim --profile l4-llama-3.2-3b --port 8000 --fault http_503=0.1 --log truth.jsonl
#include <pthread.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <string>

#include "llmdyno/sim/sim_server.h"
#include "sim_flags.h"

namespace {

// Every connection is a descriptor; the usual soft limit of 1024 is far below what the hard one allows.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Blocked in all threads, the server's too, so that only sigwait sees them.
sigset_t BlockStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "llmdyno-sim: %s\n", std::string(status.message()).c_str());
  return 2;
}

}  // namespace

int main(int argc, char* argv[]) {
  const auto command = llmdyno::ParseSimCommand({argv + 1, argv + argc});
  if (!command.ok()) return Fail(command.status());
  if (command->wants_help) {
    std::fputs((command->wants_help_as_json ? llmdyno::SimHelpJson() : llmdyno::SimHelp()).c_str(), stdout);
    return 0;
  }
  RaiseDescriptorLimit();
  const sigset_t signals = BlockStopSignals();
  const auto server = llmdyno::SimServer::Start(command->config);
  if (!server.ok()) return Fail(server.status());
  std::printf("llmdyno-sim: SIMULATED endpoint %s/v1, profile %s\n", (*server)->base_url().c_str(),
              command->config.profile.c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  (*server)->Stop();
  return 0;
}
