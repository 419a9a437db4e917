// Each fault, as a client sees it.
#include <algorithm>

#include "loopback/sim_fixture.h"

namespace llmdyno {
namespace {

RawResponse Stream(const SimServer& sim, int64_t tokens = 10) {
  return RawHttp(sim.port()).Post("/v1/chat/completions", ChatBody(tokens, true, kWithUsage));
}
RawResponse Whole(const SimServer& sim, int64_t tokens = 10) {
  return RawHttp(sim.port()).Post("/v1/chat/completions", ChatBody(tokens, false));
}

TEST_CASE("http_429, http_500 and http_503 refuse, with Retry-After where it helps", "[sim][faults]") {
  for (const int status : {429, 500, 503}) {
    const auto sim = StartSim("fast:http_" + std::to_string(status) + "=1,retry_after=3s");
    const RawResponse response = Stream(*sim);
    CHECK(response.status == status);
    CHECK(response.headers.count("retry-after") == (status == 500 ? 0 : 1));
    CHECK(Json::parse(response.body)["error"]["code"] == status);
    // Pages are never at fault.
    CHECK(RawHttp(sim->port()).Get("/v1/models").status == 200);
  }
}

TEST_CASE("drop closes without a byte", "[sim][faults]") {
  const auto sim = StartSim("fast:drop=1");
  CHECK(Stream(*sim).status == 0);
  CHECK(sim->Stats().fault(Fault::kDrop) == 1);
}

TEST_CASE("cut closes half-way, in a stream and in a body", "[sim][faults]") {
  for (const char* profile :
       {"fast:cut=1", "scripted:ttft=1ms,itl=1ms,cut=1", "l4-llama-3.2-3b:step_base=1ms,cut=1"}) {
    INFO(profile);
    const auto sim = StartSim(profile);
    const RawResponse response = Stream(*sim);
    CHECK(response.status == 200);
    CHECK_FALSE(response.is_complete);
    CHECK(WordCount(StreamedText(Events(response))) == 5);
    CHECK_FALSE(Whole(*sim).is_complete);
    CHECK_FALSE(Stream(*sim, 1).is_complete);
  }
}

TEST_CASE("stall never answers and stall_mid falls silent, both with the connection open", "[sim][faults]") {
  const TemporaryFile log;
  {
    const auto sim = StartSim("fast:stall=1", log.path());
    RawHttp client(sim->port());
    client.Send(RawHttp::PostBytes("/v1/chat/completions", ChatBody(10)));
    CHECK(Eventually([&] { return sim->Stats().in_flight == 1; }));
    client.Close();
    CHECK(Eventually([&] { return sim->Stats().disconnects == 1; }));
  }
  REQUIRE(log.Lines().size() == 1);
  CHECK(log.Lines()[0]["status"].is_null());
  CHECK(log.Lines()[0]["fault"] == "stall");
  CHECK(log.Lines()[0]["end"] == "disconnected");

  const auto sim = StartSim("fast:stall_mid=1");
  RawHttp client(sim->port());
  client.Send(RawHttp::PostBytes("/v1/chat/completions", ChatBody(10)));
  std::string seen;
  while (DataLines(seen).size() < 5) seen += client.ReadSome();
  CHECK(DataLines(seen).size() == 5);
  CHECK(sim->Stats().in_flight == 1);
}

TEST_CASE("sse_error puts an error object into a 200, with and without an event line", "[sim][faults]") {
  const auto sim = StartSim("fast:sse_error=1");
  int named = 0;
  for (int i = 0; i < 4; ++i) {
    const RawResponse response = Stream(*sim);
    CHECK(response.status == 200);
    CHECK(response.is_complete);
    named += response.body.find("event: error\ndata: {\"error\"") != std::string::npos ? 1 : 0;
    const auto events = Events(response);
    CHECK(events.size() == 6);
    CHECK(events.back()["error"]["message"].is_string());
  }
  CHECK(named == 2);
  CHECK(Json::parse(Whole(*sim).body).contains("error"));
}

TEST_CASE("bad_json breaks one event off and leaves the stream going, or breaks off a body",
          "[sim][faults]") {
  const auto sim = StartSim("fast:bad_json=1");
  const RawResponse response = Stream(*sim);
  int broken = 0;
  for (const std::string& line : DataLines(response.body))
    broken += line == "[DONE]" || Json::accept(line) ? 0 : 1;
  CHECK(broken == 1);
  CHECK(DataLines(response.body).back() == "[DONE]");
  const RawResponse whole = Whole(*sim);
  CHECK(whole.is_complete);
  CHECK_FALSE(Json::accept(whole.body));
}

TEST_CASE("empty is a 200 without a token", "[sim][faults]") {
  const auto sim = StartSim("fast:empty=1");
  const RawResponse response = Stream(*sim);
  CHECK(response.status == 200);
  CHECK(DataLines(response.body) == std::vector<std::string>{"[DONE]"});
  const Json whole = Json::parse(Whole(*sim).body);
  CHECK(whole["choices"][0]["message"]["content"] == "");
  CHECK(whole["usage"]["completion_tokens"] == 0);
  CHECK(sim->Stats().tokens_sent == 0);
}

TEST_CASE("no_usage and no_done leave out what they say, and nothing else", "[sim][faults]") {
  const auto sim = StartSim("fast:no_usage=1,no_done=1");
  const RawResponse response = Stream(*sim);
  CHECK(response.is_complete);
  CHECK(Events(response).size() == 10);
  CHECK(response.body.find("usage") == std::string::npos);
  CHECK(response.body.find("[DONE]") == std::string::npos);
  CHECK_FALSE(Json::parse(Whole(*sim).body).contains("usage"));
}

TEST_CASE("short_items, nan_item and other_dimension make lists wrong, and spare texts", "[sim][faults]") {
  const std::string inputs = R"({"model":"m","input":["a","b","c"],"dimensions":4})";
  const auto post = [&](const std::string& fault) {
    const auto sim = StartSim("fast:" + fault + "=1");
    CHECK(Json::parse(Whole(*sim).body)["choices"][0]["finish_reason"] == "length");
    CHECK(sim->Stats().generations == 1);
    RawHttp client(sim->port());
    const std::string first = client.Post("/v1/embeddings", inputs).body;
    return first + "\n" + client.Post("/v1/embeddings", inputs).body;
  };
  const std::string few = post("short_items");
  CHECK(Json::parse(few.substr(0, few.find('\n')))["data"].size() == 2);
  const std::string none = post("nan_item");
  CHECK(none.find("null") < none.find('\n'));  // the second request of the server, then the third
  CHECK(none.find("NaN") > none.find('\n'));
  const std::string other = post("other_dimension");
  const Json data = Json::parse(other.substr(0, other.find('\n')))["data"];
  CHECK(data[1]["embedding"].size() == 4);
  CHECK(data[2]["embedding"].size() == 3);
}

TEST_CASE("short ends one token early", "[sim][faults]") {
  const auto sim = StartSim("fast:short=true");
  CHECK(WordCount(StreamedText(Events(Stream(*sim)))) == 9);
}

TEST_CASE("Faults strike as often as configured, the same ones for the same seed, and are counted",
          "[sim][faults]") {
  std::vector<std::vector<int>> statuses(2);
  for (std::vector<int>& each : statuses) {
    const auto sim = StartSim("fast:http_503=0.3,http_500=0.2,seed=7");
    RawHttp client(sim->port());
    for (int i = 0; i < 200; ++i) each.push_back(client.Post("/v1/chat/completions", ChatBody(1)).status);
    CHECK(sim->Stats().fault(Fault::kHttp503) == std::count(each.begin(), each.end(), 503));
    CHECK(sim->Stats().fault(Fault::kHttp500) == std::count(each.begin(), each.end(), 500));
  }
  CHECK(statuses[0] == statuses[1]);
  // 200 x 0.3 = 60 and 200 x 0.2 = 40, five standard deviations either way.
  CHECK(std::abs(std::count(statuses[0].begin(), statuses[0].end(), 503) - 60) < 33);
  CHECK(std::abs(std::count(statuses[0].begin(), statuses[0].end(), 500) - 40) < 29);
}

TEST_CASE("A delay holds everything back", "[sim][faults]") {
  const TemporaryFile log;
  {
    const auto sim = StartSim("fast:delay=30ms", log.path());
    CHECK(Stream(*sim).is_complete);
    CHECK(RawHttp(sim->port()).Get("/health").status == 200);
  }
  for (const Json& line : log.Lines())
    CHECK(line["first_byte_ns"].get<int64_t>() - line["arrival_ns"].get<int64_t>() >= 30'000'000);
}

}  // namespace
}  // namespace llmdyno
