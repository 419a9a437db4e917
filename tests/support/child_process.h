// Runs a real program as a test's child: its standard output and standard error can be read apart, also while
// it runs, and it never outlives the test.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace llmdyno {

struct ChildProcessOptions {
  std::string directory;                                         // where it runs; empty: where the test does
  std::vector<std::pair<std::string, std::string>> environment;  // set on top of the test's own
  bool isolate_network = false;                                  // only a loopback interface of its own
};

class ChildProcess {
 public:
  // Exit status of a child that could not be put into a network of its own: the machine forbids it.
  static constexpr int kCannotIsolate = 126;

  // Starts arguments[0] with the rest. Keys and proxies of the tester's environment are not passed on, so
  // that a test means the same everywhere.
  explicit ChildProcess(std::vector<std::string> arguments, const ChildProcessOptions& options = {});
  ~ChildProcess();  // kills it when it still runs
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void Signal(int signal) const;
  bool HasEnded();
  // The exit status, 128 + n after signal n. Throws when the deadline passes: a test that hangs says where.
  int Wait(std::chrono::seconds deadline = std::chrono::seconds(60));

  // Everything written so far.
  std::string Out() const;
  std::string Err() const;

 private:
  pid_t pid_ = -1;
  int status_ = -1;
  int out_ = -1;
  int err_ = -1;
};

}  // namespace llmdyno
