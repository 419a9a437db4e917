#include "llmdyno/testing/simulated_transport.h"

#include "llmdyno/dialect/openai_dialect.h"
#include "llmdyno/testing/event_recorder.h"
#include "support/catch.h"

using namespace llmdyno;
using namespace std::chrono_literals;

namespace {

// Writes down what it hears, with the virtual time since the start.
class Diary final : public TransferObserver {
 public:
  explicit Diary(const SimulatedClock& clock) : clock_(clock), start_(clock.Now()) {}
  void OnResponseHead(const ResponseHead& head, const ArrivalStamp&) override {
    Write("head " + std::to_string(head.status));
  }
  void OnBytes(std::string_view bytes, const ArrivalStamp& stamp) override {
    CHECK(stamp.at == clock_.Now());
    Write("bytes " + std::string(bytes));
  }
  void OnEnd(const TransferResult& result) override {
    Write("end " + std::string(ToString(result.outcome.cls)));
  }
  std::vector<std::string> lines;

 private:
  void Write(const std::string& what) {
    lines.push_back(std::to_string((clock_.Now() - start_) / 1ms) + " " + what);
  }
  const SimulatedClock& clock_;
  const TimePoint start_;
};

}  // namespace

TEST_CASE("A response plays out at its instants", "[simulated_transport]") {
  SimulatedClock clock;
  SimulatedResponse response;
  response.head_at = 10ms;
  response.body = {{10ms, "a"}, {20ms, "b"}};
  response.end_at = 30ms;
  SimulatedTransport transport(clock, [&](const HttpRequest&, int64_t) { return response; });
  Diary diary(clock);
  transport.Start(1, {}, diary);
  while (transport.in_flight() > 0) transport.Poll(kEndOfTime);
  CHECK(diary.lines == std::vector<std::string>{"10 head 200", "10 bytes a", "20 bytes b", "30 end ok"});
}

TEST_CASE("A poll goes no further than its deadline, and not at all after a wake-up",
          "[simulated_transport]") {
  SimulatedClock clock;
  const TimePoint start = clock.Now();
  SimulatedTransport transport(clock, [](const HttpRequest&, int64_t) { return StreamedChat({}); });
  Diary diary(clock);
  transport.Start(1, {}, diary);
  transport.Poll(start + 50ms);
  CHECK(clock.Now() == start + 50ms);
  CHECK(diary.lines.empty());
  transport.Wake();
  transport.Poll(kEndOfTime);
  CHECK(clock.Now() == start + 50ms);
  transport.Poll(kEndOfTime);
  CHECK(clock.Now() == start + 100ms);
}

TEST_CASE("What was sent is kept, with its instant", "[simulated_transport]") {
  SimulatedClock clock;
  SimulatedTransport transport(clock, [](const HttpRequest&, int64_t) { return StreamedChat({}); });
  Diary diary(clock);
  HttpRequest request;
  request.body = "hello";
  clock.Advance(1s);
  transport.Start(7, request, diary);
  CHECK(transport.sent().at(0).body == "hello");
  CHECK(transport.sent_at().at(0) == clock.Now());
  transport.Cancel(7);
  CHECK(diary.lines == std::vector<std::string>{"1000 end cancelled"});
  CHECK(transport.in_flight() == 0);
  CHECK(transport.peak_in_flight() == 1);
}

TEST_CASE("A simulated stream is what an endpoint would send", "[simulated_transport]") {
  for (const auto& [tokens, per_chunk, chunks] :
       std::vector<std::array<int64_t, 3>>{{1, 1, 1}, {10, 1, 10}, {10, 4, 3}, {8, 4, 2}}) {
    const SimulatedResponse response = StreamedChat({.tokens = tokens, .tokens_per_chunk = per_chunk});
    std::string body;
    for (const auto& piece : response.body) body += piece.bytes;
    const auto events = DecodeWhole(*(*MakeOpenAiDialect({}))->NewDecoder(), response.content_type, body);
    REQUIRE(std::ssize(events) == chunks + 2);
    CHECK(events.back().kind == RecordedEvent::Kind::kDone);
    CHECK(events[events.size() - 2].usage->completion_tokens == tokens);
    CHECK(events[static_cast<size_t>(chunks) - 1].finish_reason == "stop");
    CHECK(response.end_at == 100ms + (chunks - 1) * 20ms);
  }
}
