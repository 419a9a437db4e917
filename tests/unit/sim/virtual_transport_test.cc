#include "llmdyno/sim/virtual_transport.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "llmdyno/testing/transport_conformance.h"
#include "support/virtual_endpoint.h"

namespace llmdyno {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

// Five prompt tokens and an output of exactly `tokens`.
std::string Chat(int64_t tokens, bool is_streaming = true) {
  return R"({"model":"m","messages":[{"role":"user","content":"one two three four five"}],"ignore_eos":true,)"
         R"("stream_options":{"include_usage":true},"max_tokens":)" +
         std::to_string(tokens) + R"(,"stream":)" + (is_streaming ? "true}" : "false}");
}
const std::string kChat = "/v1/chat/completions";
constexpr TransferLimits kNoLimits = {0s, 0s, 0s, 0s};

std::vector<Duration> Since(TimePoint start, const std::vector<TimePoint>& instants) {
  std::vector<Duration> durations;
  for (const TimePoint at : instants) durations.push_back(at - start);
  return durations;
}

}  // namespace

TEST_CASE("The transport in virtual time keeps to the rules of transports", "[sim][virtual]") {
  for (const char* setting : {"scripted:ttft=1ms,itl=1ms", "fast:keepalive=1ms,itl=1ms",
                              "l4-llama-3.2-3b:kv_capacity_tokens=10000000,max_model_len=10000000"}) {
    INFO(setting);
    SimulatedClock clock;
    const SimConfig config = *MakeSimConfig(*Params::Parse(setting));
    const auto make = [&] { return *MakeVirtualTransport(config, clock, kNoLimits); };
    const std::string url(kVirtualUrl);
    // A million tokens in one piece take more than ten minutes.
    CHECK(CheckTransport(make, clock,
                         {.answered = RequestTo(url, kChat, Chat(5)),
                          .silent = RequestTo(url, kChat, Chat(1'000'000, false)),
                          .dead = RequestTo("http://elsewhere", kChat, Chat(5))}) ==
          std::vector<std::string>());
  }
}

TEST_CASE("In virtual time a script is kept to the nanosecond", "[sim][virtual]") {
  SECTION("chunk by chunk") {
    VirtualEndpoint endpoint("scripted:ttft=50ms,itl=2ms,tokens_per_chunk=2");
    const TimePoint start = endpoint.clock.Now();
    const HeardTransfer& heard = endpoint.Run(endpoint.Post(kChat, Chat(5)));
    // Five tokens in chunks of two: three chunks.
    CHECK(Since(start, heard.TokenInstants()) == std::vector<Duration>{50ms, 52ms, 54ms});
    CHECK(heard.cls() == OutcomeClass::kOk);
    CHECK(heard.result->sent_at == start);
    CHECK(heard.result->ended_at == start + 54ms);
    CHECK(heard.head.status == 200);
    CHECK(heard.head.content_type == "text/event-stream");
    CHECK_FALSE(heard.has_upper_bound);
    CHECK(std::all_of(heard.clocks.begin(), heard.clocks.end(),
                      [](ArrivalClock clock) { return clock == ArrivalClock::kSimulated; }));
  }
  SECTION("in one piece, when the last chunk would have come") {
    VirtualEndpoint endpoint("scripted:ttft=50ms,itl=2ms,tokens_per_chunk=2");
    const TimePoint start = endpoint.clock.Now();
    const HeardTransfer& heard = endpoint.Run(endpoint.Post(kChat, Chat(5, false)));
    REQUIRE(heard.writes.size() == 1);
    CHECK(heard.writes[0].at == start + 54ms);
    CHECK(heard.head_at == start + 54ms);
    CHECK(Json::parse(heard.body())["usage"]["completion_tokens"] == 5);
  }
  SECTION("in lockstep at multiples of itl") {
    VirtualEndpoint endpoint("scripted:ttft=1ms,itl=10ms,lockstep=true");
    endpoint.clock.Advance(3ms);  // the clock began at a multiple of 10 ms
    const TimePoint start = endpoint.clock.Now();
    const HeardTransfer& heard = endpoint.Run(endpoint.Post(kChat, Chat(3)));
    CHECK(Since(start, heard.TokenInstants()) == std::vector<Duration>{7ms, 17ms, 27ms});
  }
  SECTION("behind a delay of the whole response") {
    VirtualEndpoint endpoint("scripted:ttft=5ms,itl=1ms,delay=2s");
    const TimePoint start = endpoint.clock.Now();
    const HeardTransfer& heard = endpoint.Run(endpoint.Post(kChat, Chat(2)));
    CHECK(Since(start, heard.TokenInstants()) == std::vector<Duration>{2005ms, 2006ms});
    CHECK(*heard.head_at >= start + 2s);
  }
}

TEST_CASE("In virtual time tokens arrive at the instants at which the engine model has them",
          "[sim][virtual]") {
  const std::string setting = "l4-llama-3.2-3b:max_num_seqs=4,step_per_sequence=1ms";
  VirtualEndpoint endpoint(setting);
  EngineModel model(MakeSimConfig(*Params::Parse(setting))->engine);
  // Ten requests, 7 ms apart, of different lengths: some wait for a slot.
  std::vector<HeardTransfer*> heard;
  std::map<uint64_t, std::vector<TimePoint>> expected;
  const auto run_model = [&](TimePoint until) {
    while (model.NextStepAt() && *model.NextStepAt() <= until) {
      const TimePoint at = *model.NextStepAt();
      for (const auto& emission : model.Step(at)) expected[emission.id].push_back(at);
    }
  };
  for (uint64_t i = 0; i < 10; ++i) {
    const int64_t tokens = 5 + static_cast<int64_t>(i * 7 % 13);
    run_model(endpoint.clock.Now());
    heard.push_back(&endpoint.Post(kChat, Chat(tokens)));
    REQUIRE(model.Submit(i, 5, tokens, endpoint.clock.Now()) == EngineModel::Admission::kAccepted);
    endpoint.RunFor(7ms);
  }
  for (const HeardTransfer* transfer : heard) endpoint.Run(*transfer);
  run_model(kEndOfTime);
  for (uint64_t i = 0; i < 10; ++i) {
    INFO(i);
    CHECK(heard[i]->TokenInstants() == expected[i]);
    CHECK(heard[i]->result->ended_at == expected[i].back());
  }
}

TEST_CASE("An answer that takes no time takes a microsecond, so that time goes on", "[sim][virtual]") {
  for (const char* setting : {"fast", "fast:http_503=1", "fast:drop=1", "scripted:ttft=0s,itl=0s"}) {
    for (const bool is_streaming : {true, false}) {
      INFO(setting);
      VirtualEndpoint endpoint(setting);
      const TimePoint start = endpoint.clock.Now();
      CHECK(endpoint.Run(endpoint.Post(kChat, Chat(3000, is_streaming))).result->ended_at == start + 1us);
    }
  }
}

TEST_CASE("What stalls in virtual time ends at its limit, and says which", "[sim][virtual]") {
  const auto end_of = [](const std::string& setting, bool is_streaming = true) {
    VirtualEndpoint endpoint(setting, {.connect = 1s, .first_byte = 20s, .idle = 30s, .total = 100s});
    const TimePoint start = endpoint.clock.Now();
    const TransferResult result = *endpoint.Run(endpoint.Post(kChat, Chat(50, is_streaming))).result;
    return std::pair(result.outcome, result.ended_at - start);
  };
  const auto [stall, stall_at] = end_of("scripted:ttft=10s,itl=1s,stall=1");
  CHECK(stall.cls == OutcomeClass::kFirstByteTimeout);
  CHECK(stall_at == 20s);
  CHECK(stall.message == "no byte of a response after 20s");
  // 25 tokens by 10 s + 24 s, then nothing.
  const auto [half, half_at] = end_of("scripted:ttft=10s,itl=1s,stall_mid=1");
  CHECK(half.cls == OutcomeClass::kIdleTimeout);
  CHECK(half_at == 64s);
  CHECK(half.http_status == 200);
  const auto [slow, slow_at] = end_of("scripted:ttft=10s,itl=3s");
  CHECK(slow.cls == OutcomeClass::kTotalTimeout);
  CHECK(slow_at == 100s);
  const auto [silent, silent_at] = end_of("scripted:ttft=10s,itl=1s", false);
  CHECK(silent.cls == OutcomeClass::kFirstByteTimeout);
  CHECK(silent_at == 20s);
}

TEST_CASE("In virtual time a Poll with nothing to wait for returns when it is woken", "[sim][virtual]") {
  VirtualEndpoint endpoint("fast:stall=1", kNoLimits);
  const HeardTransfer& heard = endpoint.Post(kChat, Chat(5));
  const TimePoint before = endpoint.clock.Now();
  std::thread waker([&] { endpoint.transport->Wake(); });
  endpoint.transport->Poll(kEndOfTime);
  waker.join();
  CHECK_FALSE(heard.has_ended());
  CHECK(endpoint.clock.Now() == before);
}

TEST_CASE("The faults break off, garble and leave out in virtual time", "[sim][virtual]") {
  const auto heard_of = [](const std::string& setting, int64_t tokens = 10) {
    VirtualEndpoint endpoint(setting);
    return endpoint.Run(endpoint.Post(kChat, Chat(tokens)));
  };
  const HeardTransfer refused = heard_of("fast:http_429=1,retry_after=2500ms");
  CHECK(refused.cls() == OutcomeClass::kOk);  // a complete response, whatever its status
  CHECK(refused.head.status == 429);
  CHECK(refused.head.retry_after == Duration(3s));  // whole seconds, rounded up
  const HeardTransfer dropped = heard_of("fast:drop=1");
  CHECK(dropped.cls() == OutcomeClass::kCutStream);
  CHECK_FALSE(dropped.head_at);
  CHECK_FALSE(dropped.result->outcome.http_status);
  const HeardTransfer cut = heard_of("scripted:ttft=1ms,itl=1ms,cut=1");
  CHECK(cut.cls() == OutcomeClass::kCutStream);
  CHECK(cut.TokenInstants().size() == 5);
  const HeardTransfer error = heard_of("l4-llama-3.2-3b:sse_error=1");
  CHECK(error.TokenInstants().size() == 5);
  CHECK(error.body().find("data: {\"error\"") != std::string::npos);
  CHECK(error.cls() == OutcomeClass::kOk);
  const HeardTransfer empty = heard_of("fast:empty=1");
  CHECK(empty.body() == "data: [DONE]\n\n");
  const HeardTransfer drip = heard_of("fast:drip=1");
  CHECK(drip.writes.size() == drip.body().size());
  CHECK(drip.body().ends_with("data: [DONE]\n\n"));
  const HeardTransfer split = heard_of("scripted:ttft=1ms,itl=1ms,split=100");
  CHECK(std::all_of(split.writes.begin(), split.writes.end(),
                    [](const HeardTransfer::Write& write) { return write.bytes.size() <= 100; }));
  CHECK(heard_of("fast:no_done=1").body().find("[DONE]") == std::string::npos);
  CHECK(heard_of("fast:no_usage=1").body().find("usage") == std::string::npos);
}

TEST_CASE("Keep-alive comments come as often as set, in writes of their own", "[sim][virtual]") {
  VirtualEndpoint endpoint("scripted:ttft=35ms,itl=50ms,keepalive=10ms");
  const TimePoint start = endpoint.clock.Now();
  const HeardTransfer& heard = endpoint.Run(endpoint.Post(kChat, Chat(2)));
  std::vector<TimePoint> comments;
  for (const auto& write : heard.writes) {
    if (write.bytes == ": keep-alive\n\n") comments.push_back(write.at);
  }
  // Until the stream ends at 85 ms.
  CHECK(Since(start, comments) == std::vector<Duration>{10ms, 20ms, 30ms, 40ms, 50ms, 60ms, 70ms, 80ms});
}

TEST_CASE("An engine whose queue is full refuses in virtual time, and takes more when it has drained",
          "[sim][virtual]") {
  VirtualEndpoint endpoint(
      "l4-llama-3.2-3b:max_num_seqs=1,max_waiting=1,kv_capacity_tokens=1000,overload_status=429");
  const HeardTransfer& running = endpoint.Post(kChat, Chat(5));
  const HeardTransfer& waiting = endpoint.Post(kChat, Chat(5));
  const HeardTransfer& refused = endpoint.Run(endpoint.Post(kChat, Chat(5)));
  CHECK(refused.head.status == 429);
  CHECK(refused.head.retry_after == Duration(1s));
  CHECK_FALSE(running.has_ended());
  CHECK(endpoint.Run(waiting).cls() == OutcomeClass::kOk);
  CHECK(endpoint.Run(endpoint.Post(kChat, Chat(5))).head.status == 200);
  CHECK(endpoint.Run(endpoint.Post(kChat, Chat(2000))).head.status == 400);
  const Json stats = Json::parse(endpoint.Run(endpoint.Get("/stats")).body());
  CHECK(stats["refused_overloaded"] == 1);
  CHECK(stats["generations"] == 5);
  CHECK(stats["in_flight"] == 0);
  CHECK(stats["tokens_sent"] == 15);
}

TEST_CASE("A cancelled request gives its place in the engine to the next", "[sim][virtual]") {
  VirtualEndpoint endpoint(
      "l4-llama-3.2-3b:max_num_seqs=1,kv_capacity_tokens=10000000,max_model_len=10000000");
  const HeardTransfer& endless = endpoint.Post(kChat, Chat(1'000'000));
  const HeardTransfer& next = endpoint.Post(kChat, Chat(5));
  endpoint.RunFor(10s);
  CHECK(endless.TokenInstants().size() > 10);
  CHECK(next.TokenInstants().empty());
  endpoint.transport->Cancel(1);
  CHECK(endless.cls() == OutcomeClass::kCancelled);
  const size_t heard_by_then = endless.writes.size();
  CHECK(endpoint.Run(next, 10s).cls() == OutcomeClass::kOk);
  CHECK(endless.writes.size() == heard_by_then);
  CHECK(Json::parse(endpoint.Run(endpoint.Get("/stats")).body())["disconnects"] == 1);
}

TEST_CASE("Pages, keys and wrong requests are answered in virtual time as on a socket", "[sim][virtual]") {
  VirtualEndpoint endpoint("fast:require_key=sesame,model=m,strict_model=true,max_model_len=100");
  const auto status_of = [&](const HeardTransfer& heard) { return endpoint.Run(heard).head.status; };
  CHECK(status_of(endpoint.Post(kChat, Chat(5), "sesame")) == 200);
  CHECK(status_of(endpoint.Post(kChat, Chat(5), "abracadabra")) == 401);
  CHECK(status_of(endpoint.Post(kChat, Chat(5))) == 401);
  CHECK(status_of(endpoint.Post(kChat, Chat(96), "sesame")) == 400);
  CHECK(status_of(endpoint.Post(kChat, "{", "sesame")) == 400);
  CHECK(status_of(endpoint.Post("/v1/embeddings", R"({"model":"other","input":"x"})", "sesame")) == 404);
  CHECK(status_of(endpoint.Post("/nowhere", "{}", "sesame")) == 404);
  CHECK(status_of(endpoint.Post("/v1/models", "{}", "sesame")) == 405);
  CHECK(status_of(endpoint.Get("/health?verbose=1")) == 200);
  const HeardTransfer& metrics = endpoint.Run(endpoint.Get("/metrics"));
  CHECK(metrics.head.content_type == "text/plain");
  CHECK(metrics.body().find("vllm:generation_tokens_total{model_name=\"m\"} 5\n") != std::string::npos);
  const HeardTransfer& foreign = endpoint.Run(endpoint.Start(RequestTo("http://simulated.org", "/", "")));
  CHECK(foreign.cls() == OutcomeClass::kDnsFailed);
  CHECK(foreign.result->outcome.message ==
        "in virtual time there is no network and no host but http://simulated");
}

TEST_CASE("Two runs in virtual time are the same to the byte", "[sim][virtual]") {
  const auto run = [] {
    VirtualEndpoint endpoint("l4-llama-3.2-3b:cut=0.2,stall_mid=0.2,drip=0.1", {.idle = 5s});
    std::vector<HeardTransfer*> heard;
    for (int i = 0; i < 40; ++i) heard.push_back(&endpoint.Post(kChat, Chat(20, i % 3 != 0)));
    std::string everything;
    for (const HeardTransfer* transfer : heard) {
      endpoint.Run(*transfer);
      everything += transfer->body() + std::to_string(transfer->result->ended_at.time_since_epoch().count()) +
                    std::string(ToString(transfer->cls()));
    }
    return everything;
  };
  CHECK(run() == run());
}

TEST_CASE("A transport in virtual time is not made from a config that is not valid", "[sim][virtual]") {
  SimulatedClock clock;
  SimConfig config;
  config.tokens_per_chunk = 0;
  CHECK(MakeVirtualTransport(config, clock).status().message() == "tokens_per_chunk=0: expected at least 1");
  config = {};
  config.log_path = "/nowhere/at/all.jsonl";
  CHECK_FALSE(MakeVirtualTransport(config, clock).ok());
}

}  // namespace llmdyno
