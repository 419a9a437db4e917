// A transport without a network: answers come from a function, time from a simulated clock. Ten minutes of
// load take milliseconds and are the same every time. Tests of load models, workloads and whole runs use it.
// Used by one thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "llmdyno/base/simulated_clock.h"
#include "llmdyno/net/transport.h"

namespace llmdyno {

// What the simulated endpoint answers to one request; all times count from the send.
struct SimulatedResponse {
  // Bytes of the body that arrive together.
  struct Piece {
    Duration at{};
    std::string bytes = {};
  };
  int status = 200;
  std::string content_type = "text/event-stream";
  std::optional<Duration> retry_after = {};
  Duration head_at{};            // when the head comes; ignored when status is 0: no response at all
  std::vector<Piece> body = {};  // in order of time
  Duration end_at{};             // when the transfer ends
  OutcomeClass end = OutcomeClass::kOk;
};

// Asked once for each request, with its position in the order of sending.
using SimulatedEndpoint = std::function<SimulatedResponse(const HttpRequest& request, int64_t index)>;

// A streamed chat completion of `tokens` one-word tokens: the first after time_to_first_token, the others
// inter_token_latency apart, then usage and [DONE] at the instant of the last.
struct StreamShape {
  int64_t tokens = 10;
  Duration time_to_first_token = std::chrono::milliseconds(100);
  Duration inter_token_latency = std::chrono::milliseconds(20);
  bool with_usage = true;
  int64_t tokens_per_chunk = 1;
};
// The response of that shape, status 200.
SimulatedResponse StreamedChat(const StreamShape& shape);

class SimulatedTransport final : public Transport {
 public:
  // The clock must outlive it; it moves it.
  SimulatedTransport(SimulatedClock& clock, SimulatedEndpoint endpoint);

  void Start(int64_t id, const HttpRequest& request, TransferObserver& observer) override;
  void Cancel(int64_t id) override;
  // Moves the clock to the next event, or to the deadline when nothing happens before it. A Poll that could
  // never return (no event, no deadline, no Wake) is a bug in the caller and aborts.
  void Poll(TimePoint deadline) override;
  void Wake() override { woken_ = true; }
  TransportStats Stats() const override { return stats_; }

  const std::vector<HttpRequest>& sent() const { return sent_; }
  const std::vector<TimePoint>& sent_at() const { return sent_at_; }
  int64_t in_flight() const { return static_cast<int64_t>(active_.size()); }
  int64_t peak_in_flight() const { return peak_in_flight_; }

 private:
  struct Transfer {
    TransferObserver* observer = nullptr;
    SimulatedResponse response;
    TimePoint started_at;
    bool head_given = false;
    size_t next_piece = 0;
  };
  TimePoint NextEventOf(const Transfer& transfer) const;
  void Deliver(int64_t id);
  void End(int64_t id, OutcomeClass cls);

  SimulatedClock& clock_;
  SimulatedEndpoint endpoint_;
  std::map<int64_t, Transfer> active_;
  std::multimap<TimePoint, int64_t> agenda_;  // exactly one entry for each active transfer
  std::vector<HttpRequest> sent_;
  std::vector<TimePoint> sent_at_;
  int64_t peak_in_flight_ = 0;
  bool woken_ = false;
  TransportStats stats_{.is_simulated = true};
};

}  // namespace llmdyno
