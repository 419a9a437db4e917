// The simulated endpoint in a process of its own: this program once more, in a mode that no user types. So it
// is always there, and of the same version.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace llmdyno {

class SimulatorProcess {
 public:
  // Serves on a free port of loopback when it returns. `profile` is as of --simulate, `log_path` where the
  // truth goes, `cores` where it is kept. Unavailable with a sentence when it cannot be started. It dies with
  // the calling thread.
  static absl::StatusOr<std::unique_ptr<SimulatorProcess>> Start(const std::string& profile,
                                                                 const std::string& log_path,
                                                                 const std::vector<int>& cores);
  ~SimulatorProcess();  // kills it when it still runs
  SimulatorProcess(const SimulatorProcess&) = delete;
  SimulatorProcess& operator=(const SimulatorProcess&) = delete;

  uint16_t port() const { return port_; }
  pid_t pid() const { return pid_; }

  // Ends it; its log is complete then. Unavailable when it had ended before, or does not end in a minute.
  absl::Status Stop();

 private:
  SimulatorProcess(pid_t pid, uint16_t port) : pid_(pid), port_(port) {}
  pid_t pid_;
  uint16_t port_;
};

// The other side: whether a command line is that of the hidden mode, and the server until SIGTERM.
bool IsSimulatorCommand(const std::vector<std::string>& arguments);
int ServeSimulator(const std::vector<std::string>& arguments);

}  // namespace llmdyno
