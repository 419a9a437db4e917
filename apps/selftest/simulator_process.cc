#include "selftest/simulator_process.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "cli/descriptor_limit.h"
#include "llmdyno/sim/sim_server.h"
#include "selftest/cores.h"

namespace llmdyno {
namespace {

constexpr const char* kMode = "--serve-the-truth";
constexpr std::string_view kReady = "port ";
constexpr std::string_view kFailed = "error ";

absl::Status CannotStart(const std::string& why) {
  return absl::UnavailableError("the simulated endpoint cannot be started: " + why);
}

// The child until it becomes the server. Nothing here may allocate, since another thread may have held the
// allocator's lock at the fork.
[[noreturn]] void BecomeServer(char* const* arguments, int said, pid_t parent,
                               const std::vector<int>& cores) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  KeepOn(cores);
  ::dup2(said, STDOUT_FILENO);
  ::execv("/proc/self/exe", arguments);
  ::_exit(127);
}

// What it says up to the first line end; "" when it ends without one, or says nothing in ten seconds.
std::string ReadLine(int fd) {
  constexpr int kPatienceMs = 10'000;
  std::string line;
  for (;;) {
    pollfd ready{.fd = fd, .events = POLLIN, .revents = 0};
    const int polled = ::poll(&ready, 1, kPatienceMs);
    if (polled < 0 && errno == EINTR) continue;
    char byte = 0;
    if (polled <= 0 || ::read(fd, &byte, 1) != 1) return "";
    if (byte == '\n') return line;
    line += byte;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<SimulatorProcess>> SimulatorProcess::Start(const std::string& profile,
                                                                          const std::string& log_path,
                                                                          const std::vector<int>& cores) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return CannotStart(std::strerror(errno));
  std::vector<std::string> texts = {"llmdyno-selftest", kMode, profile, log_path};
  std::vector<char*> arguments;
  for (std::string& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) BecomeServer(arguments.data(), ends[1], parent, cores);
  const int fork_error = errno;
  ::close(ends[1]);
  const std::string said = pid < 0 ? "" : ReadLine(ends[0]);
  ::close(ends[0]);
  if (pid < 0) return CannotStart(std::strerror(fork_error));
  if (said.starts_with(kReady)) {
    const int port = std::atoi(said.c_str() + kReady.size());
    return std::unique_ptr<SimulatorProcess>(new SimulatorProcess(pid, static_cast<uint16_t>(port)));
  }
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  return CannotStart(said.starts_with(kFailed) ? said.substr(kFailed.size())
                                               : "its process ended, or did not answer in ten seconds");
}

SimulatorProcess::~SimulatorProcess() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

absl::Status SimulatorProcess::Stop() {
  constexpr std::chrono::seconds kPatience(60);
  ::kill(pid_, SIGTERM);
  const auto latest = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
    if (ended == pid_ || (ended < 0 && errno != EINTR)) {
      pid_ = -1;
      if (ended > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
      return absl::UnavailableError(
          "the simulated endpoint ended before it was told to" +
          (ended > 0 && WIFSIGNALED(status) ? ", by signal " + std::to_string(WTERMSIG(status)) : ""));
    }
    if (std::chrono::steady_clock::now() > latest) {
      return absl::UnavailableError("the simulated endpoint did not end within a minute");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

bool IsSimulatorCommand(const std::vector<std::string>& arguments) {
  return arguments.size() == 3 && arguments[0] == kMode;
}

// Ctrl-C of a terminal reaches both processes; only the client's matters. Blocked in all threads, the
// server's too, so that only sigwait sees SIGTERM.
int ServeSimulator(const std::vector<std::string>& arguments) {
  std::signal(SIGINT, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // As many as it may have; what is not enough shows as failed requests.
  (void)RaiseDescriptorLimit(0);
  const auto fail = [](const absl::Status& status) {
    std::printf("%s%s\n", kFailed.data(), std::string(status.message()).c_str());
    return 1;
  };
  const absl::StatusOr<Params> params = Params::Parse(arguments[1]);
  if (!params.ok()) return fail(params.status());
  absl::StatusOr<SimConfig> config = MakeSimConfig(*params);
  if (!config.ok()) return fail(config.status());
  config->log_path = arguments[2];
  const auto server = SimServer::Start(*config);
  if (!server.ok()) return fail(server.status());
  std::printf("%s%d\n", kReady.data(), static_cast<int>((*server)->port()));
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  (*server)->Stop();
  return 0;
}

}  // namespace llmdyno
