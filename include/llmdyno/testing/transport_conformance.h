// What every Transport must keep to, as a check that needs no test framework. Authors of transports call it
// in a test of their own. Everything is called on the caller's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "llmdyno/base/clock.h"
#include "llmdyno/core/http.h"
#include "llmdyno/net/transport.h"

namespace llmdyno {

// Requests whose fate is known.
struct TransportSamples {
  HttpRequest answered;  // gets a 200 with a body of at least one byte within ten seconds
  HttpRequest silent;    // gets nothing within ten minutes
  HttpRequest dead;      // cannot even be connected
};

// Makes fresh transports that read time from `clock`.
using MakeTransport = std::function<std::unique_ptr<Transport>()>;

// Returns one sentence for each rule that is violated; empty when the transport keeps to all of them. Takes
// well under a second with a quick endpoint.
std::vector<std::string> CheckTransport(const MakeTransport& make, const Clock& clock,
                                        const TransportSamples& samples);

}  // namespace llmdyno
