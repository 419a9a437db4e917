// A simulated OpenAI-compatible endpoint on a real socket: for demonstrations, for testing clients, and as
// the known truth against which llmdyno measures its own error. See docs/simulator.md. Apps with --simulate
// start one, and tests.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "llmdyno/sim/sim_config.h"
#include "llmdyno/sim/sim_stats.h"

namespace llmdyno {

// Runs in threads of its own from Start() until Stop() or destruction. Never prints, never throws.
// Functions may be called from any thread.
class SimServer {
 public:
  // Binds, opens the log and starts serving: when it returns, clients can connect. Fails with a sentence when
  // the config is invalid, the address cannot be bound or the log cannot be written.
  static absl::StatusOr<std::unique_ptr<SimServer>> Start(const SimConfig& config);
  ~SimServer();
  SimServer(const SimServer&) = delete;
  SimServer& operator=(const SimServer&) = delete;

  // The port that it listens on: that of the config, or the free one that was found.
  uint16_t port() const;
  // "http://127.0.0.1:PORT", without a path: an address a client of this machine can use.
  std::string base_url() const;
  // What it has done so far, consistent in each figure but not between figures.
  SimStats Stats() const;

  // Closes every connection, ends the threads and completes the log. Calling it again does nothing.
  void Stop();

 private:
  class Impl;
  explicit SimServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace llmdyno
