// What the help of llmdyno-sim lists is there: each mode is asked of the program itself. X06.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>
#include <sstream>

#include "apps/app_runs.h"
#include "support/catch.h"
#include "support/raw_http.h"

namespace llmdyno {
namespace {

// A chat that ends after exactly four tokens.
std::string ChatBody(const Json& more = Json::object()) {
  Json body = {{"model", "m"},    {"messages", {{{"role", "user"}, {"content", "one two three"}}}},
               {"max_tokens", 4}, {"ignore_eos", true},
               {"stream", true},  {"stream_options", {{"include_usage", true}}}};
  body.update(more);
  return body.dump();
}

// What one chat over a fresh connection streamed, but for [DONE].
std::vector<Json> Chat(const SimProcess& sim) {
  const RawResponse response = RawHttp(sim.port()).Post("/v1/chat/completions", ChatBody());
  CHECK(response.status == 200);
  std::vector<Json> events;
  for (const std::string& line : DataLines(response.body)) {
    if (line != "[DONE]") events.push_back(Json::parse(line));
  }
  return events;
}

Json Ask(const SimProcess& sim, const std::string& route, const Json& body) {
  const RawResponse response = RawHttp(sim.port()).Post(route, body.dump());
  CHECK(response.status == 200);
  return Json::parse(response.body);
}

// The flags that the help calls faults: "http-429", "drop", ...
std::vector<std::string> FaultsInHelp() {
  std::vector<std::string> faults;
  for (const std::string& line : LinesWith(RunApp("llmdyno-sim", {"--help"}).out, " fault: ")) {
    std::string flag;
    std::istringstream(line) >> flag;
    faults.push_back(flag.substr(2));
  }
  return faults;
}

}  // namespace

TEST_CASE("llmdyno-sim holds every response back by the delays it was given", "[apps]") {
  const SimProcess sim({"--delay", "40ms", "--ttft", "30ms", "--itl", "10ms"});
  const auto start = std::chrono::steady_clock::now();
  CHECK(Chat(sim).size() == 5);  // four tokens and the usage
  const auto elapsed = std::chrono::steady_clock::now() - start;
  // The delay, the first token, three more of them; less a millisecond for timers that round.
  CHECK(elapsed >= std::chrono::milliseconds(40 + 30 + 3 * 10 - 1));
}

TEST_CASE("Every fault that llmdyno-sim lists can be asked for and is counted", "[apps]") {
  const std::vector<std::string> faults = FaultsInHelp();
  CHECK(faults.size() >= 16);
  // These are about vectors and scores.
  const std::set<std::string> of_items = {"short-items", "nan-item", "other-dimension"};
  std::set<std::string> counted;
  for (const std::string& fault : faults) {
    INFO("--" << fault);
    const SimProcess sim({"--" + fault});
    // Some faults are that no answer ends: it is not waited for.
    RawHttp client(sim.port());
    if (of_items.contains(fault)) {
      client.Send(RawHttp::PostBytes("/v1/embeddings", R"({"model":"m","input":["one","two"]})"));
    } else {
      client.Send(RawHttp::PostBytes("/v1/chat/completions", ChatBody()));
    }
    std::string name = fault;
    std::replace(name.begin(), name.end(), '-', '_');
    CHECK(Eventually([&] { return sim.Stats()["faults"][name] == 1; }));
    counted.insert(name);
  }
  // None that it could do is missing from the help.
  const SimProcess sim({});
  const Json stats = sim.Stats();
  for (const auto& [name, count] : stats["faults"].items()) {
    INFO(name);
    CHECK(counted.contains(name));
    CHECK(count == 0);
  }
}

TEST_CASE("llmdyno-sim reports usage, with details or not at all as it is told", "[apps]") {
  const SimProcess plain({});
  const Json usage = Chat(plain).back()["usage"];
  CHECK(usage["prompt_tokens"] == 3);
  CHECK(usage["completion_tokens"] == 4);
  CHECK(usage["total_tokens"] == 7);
  CHECK_FALSE(usage.contains("prompt_tokens_details"));
  const SimProcess detailed({"--extras"});
  const Json details = Chat(detailed).back()["usage"];
  CHECK(details["prompt_tokens_details"].contains("cached_tokens"));
  CHECK(details["completion_tokens_details"].contains("reasoning_tokens"));
  const SimProcess silent({"--no-usage"});
  for (const Json& event : Chat(silent)) CHECK_FALSE(event.contains("usage"));
}

TEST_CASE("llmdyno-sim reasons before it answers, under either name", "[apps]") {
  for (const std::string field : {"reasoning_content", "reasoning"}) {
    INFO(field);
    const SimProcess sim({"--reasoning", "3", "--reasoning-field", field});
    int64_t reasoning = 0;
    int64_t content = 0;
    for (const Json& event : Chat(sim)) {
      if (event["choices"].empty()) continue;
      const Json delta = event["choices"][0]["delta"];
      if (!delta.value(field, "").empty()) ++reasoning;
      if (!delta.value("content", "").empty()) ++content;
      CHECK((content == 0 || delta.value(field, "").empty()));
    }
    CHECK(reasoning == 3);
    CHECK(content == 1);
  }
}

TEST_CASE("llmdyno-sim embeds, ranks, scores and looks at images", "[apps]") {
  const SimProcess sim({"--embedding-dimensions", "16"});
  const Json embeddings = Ask(sim, "/v1/embeddings", {{"model", "m"}, {"input", {"a b", "c"}}});
  REQUIRE(embeddings["data"].size() == 2);
  CHECK(embeddings["data"][0]["embedding"].size() == 16);
  CHECK(embeddings["usage"]["prompt_tokens"] == 3);

  const Json question = {{"model", "m"}, {"query", "red car"}, {"documents", {"blue sky", "a red car"}}};
  for (const std::string route : {"/v1/rerank", "/rerank"}) {
    const Json ranking = Ask(sim, route, question);
    REQUIRE(ranking["results"].size() == 2);
    CHECK(ranking["results"][0]["index"] == 1);
    CHECK(ranking["results"][0]["relevance_score"] > ranking["results"][1]["relevance_score"]);
  }
  for (const std::string route : {"/v1/score", "/score"}) {
    const Json scores = Ask(sim, route, {{"model", "m"}, {"text_1", "red"}, {"text_2", {"red", "blue"}}});
    CHECK(scores["data"][0]["score"] > scores["data"][1]["score"]);
  }

  const Json image = {{"type", "image_url"}, {"image_url", {{"url", "data:image/png;base64,AAAA"}}}};
  const Json parts = {{{"type", "text"}, {"text", "what is this"}}, image};
  const Json answer =
      Ask(sim, "/v1/chat/completions",
          {{"model", "m"}, {"max_tokens", 2}, {"messages", {{{"role", "user"}, {"content", parts}}}}});
  CHECK(answer["choices"][0]["message"]["content"].get<std::string>() != "");
  CHECK(sim.Stats()["images"] == 1);
}

}  // namespace llmdyno
