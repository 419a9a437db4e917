#include "cli/signals.h"

#include <atomic>
#include <csignal>

namespace llmdyno {
namespace {

std::atomic<RunControl*> g_control = nullptr;
std::atomic<int> g_received = 0;

void OnSignal(int signal) {
  int none = 0;
  const bool is_first = g_received.compare_exchange_strong(none, signal);
  if (RunControl* control = g_control.load()) {
    if (is_first) {
      control->Stop();
    } else {
      control->Abort();
    }
  }
}

}  // namespace

SignalsToRun::SignalsToRun(RunControl& control) {
  g_control = &control;
  struct sigaction action {};
  action.sa_handler = &OnSignal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a closed pager must not take the results with it
}

SignalsToRun::~SignalsToRun() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  g_control = nullptr;
}

int SignalsToRun::received() { return g_received.load(); }

}  // namespace llmdyno
