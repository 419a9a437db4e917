// Every transport keeps to the rules of transports, and the check finds those that do not.
#include "llmdyno/testing/transport_conformance.h"

#include "llmdyno/testing/simulated_transport.h"
#include "support/catch.h"
#ifdef LLMDYNO_HAS_SIMULATOR
#include "loopback/loopback.h"
#endif

using namespace llmdyno;
using namespace std::chrono_literals;

namespace {

using Sentences = std::vector<std::string>;

HttpRequest To(const std::string& url) {
  HttpRequest request;
  request.url = url;
  request.headers = {{"Content-Type", "application/json"}};
  request.body =
      R"({"model":"simulated","messages":[{"role":"user","content":"Hello"}],"max_tokens":5,"stream":true})";
  return request;
}

SimulatedResponse Answer(const HttpRequest& request, int64_t) {
  if (request.url == "answered") return StreamedChat({});
  SimulatedResponse response;
  response.status = 0;
  response.end = request.url == "dead" ? OutcomeClass::kConnectFailed : OutcomeClass::kTotalTimeout;
  response.end_at = request.url == "dead" ? Duration(1ms) : Duration(1h);
  return response;
}

const TransportSamples kSimulatedSamples = {To("answered"), To("silent"), To("dead")};

}  // namespace

TEST_CASE("The simulated transport keeps to the rules", "[conformance]") {
  SimulatedClock clock;
  CHECK(CheckTransport([&] { return std::make_unique<SimulatedTransport>(clock, Answer); }, clock,
                       kSimulatedSamples) == Sentences());
}

TEST_CASE("A transport that breaks a rule is told which", "[conformance]") {
  // Cancels nothing.
  class Deaf final : public Transport {
   public:
    explicit Deaf(SimulatedClock& clock) : real_(clock, Answer) {}
    void Start(int64_t id, const HttpRequest& request, TransferObserver& observer) override {
      real_.Start(id, request, observer);
    }
    void Cancel(int64_t) override {}
    void Poll(TimePoint deadline) override { real_.Poll(deadline); }
    void Wake() override { real_.Wake(); }
    TransportStats Stats() const override { return real_.Stats(); }

   private:
    SimulatedTransport real_;
  };
  SimulatedClock clock;
  const Sentences found =
      CheckTransport([&] { return std::make_unique<Deaf>(clock); }, clock, kSimulatedSamples);
  REQUIRE(found.size() >= 2);
  CHECK(found[0] == "Cancel returns before OnEnd came");
  CHECK(found[1] == "Cancel from inside an observer ends no transfer");
}

#ifdef LLMDYNO_HAS_SIMULATOR
TEST_CASE("The libcurl transport keeps to the rules, with kernel stamps and without",
          "[conformance][loopback]") {
  const auto sim = StartSim("fast");
  const auto slow = StartSim("scripted:ttft=5ms,itl=1ms");
  const auto stalled = StartSim("fast:stall=1");
  const std::string route = "/v1/chat/completions";
  for (const bool use_kernel_stamps : {true, false}) {
    for (const SimServer* answering : {sim.get(), slow.get()}) {
      const auto make = [&]() -> std::unique_ptr<Transport> {
        return *MakeCurlTransport({.use_kernel_stamps = use_kernel_stamps}, SystemClock(), Diagnostics());
      };
      CHECK(CheckTransport(make, SystemClock(),
                           {To(answering->base_url() + route), To(stalled->base_url() + route),
                            To("http://127.0.0.1:" + std::to_string(DeadPort()) + route)}) == Sentences());
    }
  }
}
#endif
