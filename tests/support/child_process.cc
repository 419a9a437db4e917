#include "support/child_process.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <thread>

namespace llmdyno {
namespace {

constexpr const char* kNotPassedOn[] = {"OPENAI_API_KEY", "http_proxy",  "https_proxy", "all_proxy",
                                        "HTTP_PROXY",     "HTTPS_PROXY", "ALL_PROXY"};

// A network namespace begins with nothing but a loopback interface, which is down.
bool IsolateNetwork() {
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
  const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
  ifreq loopback{};
  std::strcpy(loopback.ifr_name, "lo");
  loopback.ifr_flags = IFF_UP | IFF_RUNNING;
  const bool is_up = ::ioctl(fd, SIOCSIFFLAGS, &loopback) == 0;
  ::close(fd);
  return is_up;
}

std::string ReadAll(int fd) {
  std::string text;
  char buffer[65536];
  for (ssize_t size = 0; (size = ::pread(fd, buffer, sizeof buffer, static_cast<off_t>(text.size()))) > 0;) {
    text.append(buffer, static_cast<size_t>(size));
  }
  return text;
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> arguments, const ChildProcessOptions& options)
    : out_(::memfd_create("stdout", MFD_CLOEXEC)), err_(::memfd_create("stderr", MFD_CLOEXEC)) {
  std::vector<char*> raw;
  for (std::string& argument : arguments) raw.push_back(argument.data());
  raw.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ != 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // whatever ends the test ends its programs
  ::dup2(out_, STDOUT_FILENO);
  ::dup2(err_, STDERR_FILENO);
  for (const char* name : kNotPassedOn) ::unsetenv(name);
  for (const auto& [name, value] : options.environment) ::setenv(name.c_str(), value.c_str(), 1);
  if (!options.directory.empty() && ::chdir(options.directory.c_str()) != 0) ::_exit(127);
  if (options.isolate_network && !IsolateNetwork()) ::_exit(kCannotIsolate);
  ::execv(raw[0], raw.data());
  ::_exit(127);
}

ChildProcess::~ChildProcess() {
  if (!HasEnded()) {
    Signal(SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(out_);
  ::close(err_);
}

void ChildProcess::Signal(int signal) const {
  if (status_ < 0 && pid_ > 0) ::kill(pid_, signal);
}

bool ChildProcess::HasEnded() {
  int status = 0;
  if (status_ < 0 && ::waitpid(pid_, &status, WNOHANG) == pid_) {
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return status_ >= 0;
}

int ChildProcess::Wait(std::chrono::seconds deadline) {
  const auto latest = std::chrono::steady_clock::now() + deadline;
  while (!HasEnded()) {
    if (std::chrono::steady_clock::now() > latest) {
      throw std::runtime_error("a program still runs after " + std::to_string(deadline.count()) +
                               " s; it has said:\n" + Out() + Err());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return status_;
}

std::string ChildProcess::Out() const { return ReadAll(out_); }
std::string ChildProcess::Err() const { return ReadAll(err_); }

}  // namespace llmdyno
