// The simulated endpoint without a socket: a transport whose answers come from the endpoint's own model, on a
// clock that jumps from event to event. Ten hours of load take seconds, and are the same every time.
//
// Requests are read, planned, answered and spoilt by the code that serves sockets (docs/simulator.md,
// "Virtual time"); the network takes no time. Runs with --virtual-time use it, and tests. Used by one thread,
// but for Wake.
#pragma once

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "llmdyno/base/simulated_clock.h"
#include "llmdyno/net/transfer_limits.h"
#include "llmdyno/net/transport.h"
#include "llmdyno/sim/sim_config.h"

namespace llmdyno {

// Where the endpoint is to be found. There is no network behind it: any other host fails to resolve.
inline constexpr std::string_view kVirtualUrl = "http://simulated";

// Poll moves the clock, which must outlive the transport, to the next event or to the deadline. Tokens arrive
// at the instant at which the model has them, stamped kSimulated, one OnBytes for each write of the server.
// An answer that would take no time at all (a refusal; any, with a profile that paces nothing) takes a
// microsecond, so that time goes on whatever the endpoint does. A Poll that has nothing to wait for but a
// Wake waits for that in real time. Host, port and threads of the config mean nothing here. Fails with a
// sentence when the config is invalid or its log cannot be written.
absl::StatusOr<std::unique_ptr<Transport>> MakeVirtualTransport(const SimConfig& config,
                                                                SimulatedClock& clock,
                                                                const TransferLimits& limits = {});

}  // namespace llmdyno
