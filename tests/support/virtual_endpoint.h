// A simulated endpoint in virtual time, and what one hears of each transfer.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "llmdyno/sim/virtual_transport.h"
#include "support/catch.h"

namespace llmdyno {

// Keeps everything that a transport says of one transfer.
class HeardTransfer final : public TransferObserver {
 public:
  struct Write {
    TimePoint at;
    std::string bytes;
  };

  void OnResponseHead(const ResponseHead& said, const ArrivalStamp& stamp) override {
    head = said;
    head_at = stamp.at;
  }
  void OnBytes(std::string_view bytes, const ArrivalStamp& stamp) override {
    clocks.push_back(stamp.clock);
    has_upper_bound = has_upper_bound || stamp.upper_bound;
    writes.push_back({stamp.at, std::string(bytes)});
  }
  void OnEnd(const TransferResult& end) override { result = end; }

  bool has_ended() const { return result.has_value(); }
  OutcomeClass cls() const { return result.value().outcome.cls; }
  std::string body() const {
    std::string all;
    for (const Write& write : writes) all += write.bytes;
    return all;
  }
  // When the writes came that hold a token's text.
  std::vector<TimePoint> TokenInstants() const {
    std::vector<TimePoint> instants;
    for (const Write& write : writes) {
      if (write.bytes.find("\"delta\":{") != std::string::npos) instants.push_back(write.at);
    }
    return instants;
  }

  ResponseHead head;
  std::optional<TimePoint> head_at;
  std::vector<Write> writes;
  std::vector<ArrivalClock> clocks;
  bool has_upper_bound = false;
  std::optional<TransferResult> result;
};

inline HttpRequest RequestTo(const std::string& base_url, const std::string& path, const std::string& body,
                             const std::string& key = "") {
  HttpRequest request;
  request.method = body.empty() ? "GET" : "POST";
  request.url = base_url + path;
  request.headers = {{"Content-Type", "application/json"}};
  request.bearer_token = Secret(key);
  request.body = body;
  return request;
}

class VirtualEndpoint {
 public:
  // "fast", "scripted:ttft=1ms,itl=1ms", …
  explicit VirtualEndpoint(const std::string& setting, const TransferLimits& limits = {}) {
    auto params = Params::Parse(setting);
    REQUIRE(params.ok());
    auto config = MakeSimConfig(*params);
    INFO(config.status().ToString());
    REQUIRE(config.ok());
    auto made = MakeVirtualTransport(*config, clock, limits);
    INFO(made.status().ToString());
    REQUIRE(made.ok());
    transport = *std::move(made);
  }

  HeardTransfer& Start(const HttpRequest& request) {
    heard_.push_back(std::make_unique<HeardTransfer>());
    transport->Start(static_cast<int64_t>(heard_.size()), request, *heard_.back());
    return *heard_.back();
  }
  HeardTransfer& Post(const std::string& path, const std::string& body, const std::string& key = "") {
    return Start(RequestTo(std::string(kVirtualUrl), path, body, key));
  }
  HeardTransfer& Get(const std::string& path) { return Post(path, ""); }

  // Until the transfer has ended, but for so much simulated time at most.
  const HeardTransfer& Run(const HeardTransfer& transfer, Duration patience = std::chrono::hours(100)) {
    const TimePoint deadline = clock.Now() + patience;
    while (!transfer.has_ended() && clock.Now() < deadline) transport->Poll(deadline);
    return transfer;
  }
  // Everything that happens in so much simulated time.
  void RunFor(Duration duration) {
    const TimePoint deadline = clock.Now() + duration;
    while (clock.Now() < deadline) transport->Poll(deadline);
  }

  SimulatedClock clock;
  std::unique_ptr<Transport> transport;

 private:
  std::vector<std::unique_ptr<HeardTransfer>> heard_;
};

}  // namespace llmdyno
