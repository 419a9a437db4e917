#include "llmdyno/run/server_tokenizer.h"

#include <nlohmann/json.hpp>

#include "llmdyno/testing/simulated_transport.h"
#include "support/catch.h"

using namespace llmdyno;
using namespace std::chrono_literals;

namespace {

SimulatedResponse Answer(int status, const std::string& body) {
  SimulatedResponse response;
  response.status = status;
  response.content_type = "application/json";
  response.head_at = response.end_at = 5ms;
  response.body = {{5ms, body}};
  return response;
}

SimulatedResponse Failure(OutcomeClass how) {
  SimulatedResponse response;
  response.status = 0;
  response.end = how;
  response.end_at = 1ms;
  return response;
}

// One token for each letter of the text, as vLLM says it.
SimulatedResponse CountLetters(const HttpRequest& request) {
  const auto text = nlohmann::json::parse(request.body).at("prompt").get<std::string>();
  return Answer(200, R"({"count":)" + std::to_string(text.size()) + R"(,"max_model_len":4096,"tokens":[]})");
}

Endpoint TestEndpoint() {
  Endpoint endpoint;
  endpoint.url = *BaseUrl::Parse("http://host:8000/v1");
  endpoint.model = "m";
  endpoint.api_key = Secret("key");
  endpoint.headers = {{"X-Team", "speed"}};
  return endpoint;
}

absl::StatusOr<TokenizerProbe> Probe(SimulatedTransport& transport, SimulatedClock& clock, int attempts = 3) {
  return ProbeServerTokenizer(TestEndpoint(), transport, clock, attempts);
}

}  // namespace

TEST_CASE("An endpoint with the route counts, in order, many texts at once", "[server_tokenizer]") {
  SimulatedClock clock;
  SimulatedTransport transport(clock,
                               [](const HttpRequest& request, int64_t) { return CountLetters(request); });
  const auto probe = Probe(transport, clock);
  REQUIRE(probe.ok());
  REQUIRE(probe->counter != nullptr);
  std::vector<std::string> texts;
  for (size_t i = 0; i < 100; ++i) texts.push_back(std::string(i + 1, 'x'));
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const auto counts = probe->counter->CountAll(views);
  REQUIRE(counts.ok());
  REQUIRE(counts->size() == 100);
  for (size_t i = 0; i < 100; ++i)
    CHECK((*counts)[i] == TokenCount{static_cast<int64_t>(i) + 1, TokenCountSource::kTokenizer});
  CHECK(transport.peak_in_flight() == 32);
  CHECK(probe->counter->CountAll({})->empty());
}

TEST_CASE("The route stands at the root and is asked with the key and the headers", "[server_tokenizer]") {
  SimulatedClock clock;
  SimulatedTransport transport(clock,
                               [](const HttpRequest& request, int64_t) { return CountLetters(request); });
  REQUIRE(Probe(transport, clock).ok());
  const HttpRequest& sent = transport.sent().at(0);
  CHECK(sent.url == "http://host:8000/tokenize");
  CHECK(sent.bearer_token.Reveal() == "key");
  CHECK(std::any_of(sent.headers.begin(), sent.headers.end(),
                    [](const HttpHeader& header) { return header.value == "speed"; }));
  const auto body = nlohmann::json::parse(sent.body);
  CHECK(body.at("model") == "m");
  CHECK(body.at("prompt") == body.at("content"));  // the names of vLLM and of llama.cpp
}

TEST_CASE("llama.cpp's answer, a list of tokens, is counted", "[server_tokenizer]") {
  SimulatedClock clock;
  SimulatedTransport transport(
      clock, [](const HttpRequest&, int64_t) { return Answer(200, R"({"tokens":[1,2,3]})"); });
  const auto probe = Probe(transport, clock);
  const std::string_view text = "any";
  CHECK(probe->counter->CountAll({&text, 1})->front() == TokenCount{3, TokenCountSource::kTokenizer});
}

TEST_CASE("An endpoint without the route says why there is no counter", "[server_tokenizer]") {
  for (const auto& [response, why] : std::vector<std::pair<SimulatedResponse, std::string>>{
           {Answer(404, "{}"), "HTTP 404"},
           {Answer(401, "{}"), "HTTP 401"},
           {Answer(200, "<html>"), "HTTP 200"},
           {Answer(200, R"({"count":"many"})"), "HTTP 200"},
           {Answer(200, "[]"), "HTTP 200"},
           {Failure(OutcomeClass::kCutStream), "simulated cut_stream"}}) {
    SimulatedClock clock;
    SimulatedTransport transport(clock,
                                 [response = response](const HttpRequest&, int64_t) { return response; });
    const auto probe = Probe(transport, clock);
    REQUIRE(probe.ok());
    CHECK(probe->counter == nullptr);
    CHECK(probe->why_not == why);
    CHECK(transport.sent().size() == 1);
  }
}

TEST_CASE("An endpoint that nothing answers at is given up after the attempts, with growing pauses",
          "[server_tokenizer]") {
  SimulatedClock clock;
  const TimePoint start = clock.Now();
  SimulatedTransport transport(
      clock, [](const HttpRequest&, int64_t) { return Failure(OutcomeClass::kConnectFailed); });
  const auto probe = Probe(transport, clock, 4);
  REQUIRE_FALSE(probe.ok());
  CHECK(probe.status().message() ==
        "nothing usable answers at http://host:8000/v1: simulated connect_failed");
  REQUIRE(transport.sent_at().size() == 4);
  CHECK(transport.sent_at()[1] - transport.sent_at()[0] == 201ms);
  CHECK(transport.sent_at()[2] - transport.sent_at()[1] == 401ms);
  CHECK(transport.sent_at()[3] - transport.sent_at()[2] == 801ms);
  CHECK(clock.Now() - start < 2s);
}

TEST_CASE("An endpoint that comes up late is found", "[server_tokenizer]") {
  SimulatedClock clock;
  SimulatedTransport transport(clock, [](const HttpRequest& request, int64_t index) {
    return index < 2 ? Failure(OutcomeClass::kConnectFailed) : CountLetters(request);
  });
  CHECK(Probe(transport, clock)->counter != nullptr);
}

TEST_CASE("A certificate that is refused is not tried again", "[server_tokenizer]") {
  SimulatedClock clock;
  SimulatedTransport transport(clock,
                               [](const HttpRequest&, int64_t) { return Failure(OutcomeClass::kTlsFailed); });
  CHECK_FALSE(Probe(transport, clock).ok());
  CHECK(transport.sent().size() == 1);
}

TEST_CASE("A call that is refused now and then is made again; a text that cannot be counted is estimated",
          "[server_tokenizer]") {
  SimulatedClock clock;
  SimulatedTransport transport(clock, [](const HttpRequest& request, int64_t index) {
    if (request.body.find("never") != std::string::npos || index == 1) return Answer(503, "{}");
    return CountLetters(request);
  });
  const auto probe = Probe(transport, clock);
  const std::vector<std::string_view> texts = {"four", "never this one", "seven77"};
  const auto counts = probe->counter->CountAll(texts);
  REQUIRE(counts.ok());
  CHECK((*counts)[0] == TokenCount{4, TokenCountSource::kTokenizer});
  CHECK((*counts)[1].source == TokenCountSource::kEstimated);
  CHECK((*counts)[2] == TokenCount{7, TokenCountSource::kTokenizer});
}

TEST_CASE("A silent endpoint does not hold the counting up for ever", "[server_tokenizer]") {
  SimulatedClock clock;
  const TimePoint start = clock.Now();
  SimulatedTransport transport(clock, [](const HttpRequest&, int64_t) {
    SimulatedResponse silent = Failure(OutcomeClass::kTotalTimeout);
    silent.end_at = 24h;
    return silent;
  });
  const auto probe = Probe(transport, clock);
  REQUIRE(probe.ok());
  CHECK(probe->counter == nullptr);
  CHECK(clock.Now() - start == 10s);
  CHECK(transport.in_flight() == 0);
}

TEST_CASE("The calls take no id that a run could use", "[server_tokenizer]") {
  // Ids of runs begin at 0; a run on the same transport would trip over one in use.
  class IdWatcher final : public Transport {
   public:
    explicit IdWatcher(SimulatedTransport& real) : real_(real) {}
    void Start(int64_t id, const HttpRequest& request, TransferObserver& observer) override {
      CHECK(id < 0);
      real_.Start(id, request, observer);
    }
    void Cancel(int64_t id) override { real_.Cancel(id); }
    void Poll(TimePoint deadline) override { real_.Poll(deadline); }
    void Wake() override { real_.Wake(); }
    TransportStats Stats() const override { return real_.Stats(); }

   private:
    SimulatedTransport& real_;
  };
  SimulatedClock clock;
  SimulatedTransport real(clock, [](const HttpRequest& request, int64_t) { return CountLetters(request); });
  IdWatcher transport(real);
  const auto probe = ProbeServerTokenizer(TestEndpoint(), transport, clock, 1);
  const std::vector<std::string_view> texts(40, "x");
  CHECK(probe->counter->CountAll(texts).ok());
}

TEST_CASE("The tokens of a text are listed in the manners of vLLM, SGLang and llama.cpp",
          "[server_tokenizer]") {
  SimulatedClock clock;
  SimulatedTransport transport(clock, [](const HttpRequest& request, int64_t index) {
    if (index == 2) return Answer(503, "{}");  // a fault of the moment
    const bool is_short = request.body.find("short") != std::string::npos;
    return Answer(200, is_short ? R"({"count":2,"max_model_len":4096,"tokens":[7,128000],"token_strs":null})"
                                : R"({"tokens":[1,2,3]})");
  });
  const auto probe = Probe(transport, clock);
  const std::vector<std::string_view> texts = {"short", "another", "short again"};
  const auto ids = probe->counter->TokenIds(texts);
  REQUIRE(ids.ok());
  CHECK(*ids == std::vector<std::vector<int32_t>>{{7, 128000}, {1, 2, 3}, {7, 128000}});
}

TEST_CASE("An endpoint that counts tokens without listing them cannot give their ids", "[server_tokenizer]") {
  for (const std::string body : {R"({"count":3,"tokens":[]})", R"({"count":3})", R"({"tokens":["a"]})",
                                 R"({"tokens":[-1]})", R"({"tokens":[4294967296]})"}) {
    SimulatedClock clock;
    SimulatedTransport transport(clock, [&](const HttpRequest&, int64_t) { return Answer(200, body); });
    const auto probe = Probe(transport, clock);
    const std::string_view text = "any";
    CAPTURE(body);
    CHECK(
        probe->counter->TokenIds({&text, 1}).status().message() ==
        "prompts as token ids were asked for, but http://host:8000/v1 does not list the tokens of a text at "
        "/tokenize: it said HTTP 200");
  }
}
