// The transport that real runs use: libcurl's multi interface driven by epoll, with arrival instants from the
// kernel (docs/architecture.md, "When did it arrive?"). Apps and tools that link llmdyno make one for each
// run, or for each thread of it. Not thread-safe, but for Wake.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/base/clock.h"
#include "llmdyno/base/diagnostics.h"
#include "llmdyno/net/transfer_limits.h"
#include "llmdyno/net/transport.h"

namespace llmdyno {

// How long transfers may take, whom to trust, and what to expect.
struct CurlTransportConfig {
  // Each limit has an outcome class of its own. Zero means no limit.
  Duration connect_timeout = std::chrono::seconds(30);
  Duration first_byte_timeout =
      std::chrono::seconds(300);                      // from the send; a long queue on the server is normal
  Duration idle_timeout = std::chrono::seconds(120);  // between two reads once the response has begun
  Duration total_timeout = std::chrono::seconds(600);

  bool verify_tls = true;       // false: accept any certificate (--insecure)
  std::string ca_certificates;  // PEM file; empty: the system's

  // Kernel receive stamps (SO_TIMESTAMPNS). Off only to show what they are worth.
  bool use_kernel_stamps = true;

  // How many transfers are expected at once; sizes read buffers so that thousands of streams stay small. No
  // limit.
  int expected_concurrency = 1;

  TransferLimits limits() const { return {connect_timeout, first_byte_timeout, idle_timeout, total_timeout}; }

  // The first problem in a sentence, naming the field and what is accepted.
  absl::Status Validate() const;
};

// Makes a transport for one thread. Unavailable when the machine refuses what it needs (descriptors, a
// missing CA file). The clock must outlive it.
absl::StatusOr<std::unique_ptr<Transport>> MakeCurlTransport(const CurlTransportConfig& config,
                                                             const Clock& clock,
                                                             const Diagnostics& diagnostics);

}  // namespace llmdyno
