// Virtual time and the server on a socket, held against each other: the same requests to the same endpoint
// get the same answers, and the socket's tokens are never earlier than those of virtual time.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "loopback/loopback.h"
#include "support/virtual_endpoint.h"
#include "support/written_files.h"

using namespace llmdyno;
using namespace std::chrono_literals;

namespace {

using Json = nlohmann::json;

// What does not depend on when a request came: everything but the id and the time of creation.
std::string Comparable(const HeardTransfer& heard) {
  static const std::regex id(R"re("id":"[a-z]*-[0-9a-f]{32}")re");
  static const std::regex created(R"re("created":[0-9]+)re");
  std::string body = std::regex_replace(heard.body(), id, "\"id\":\"\"");
  body = std::regex_replace(body, created, "\"created\":0");
  const ResponseHead& head = heard.head;
  return std::string(ToString(heard.cls())) + " " + std::to_string(head.status) + " " + head.content_type +
         " " + (head.retry_after ? std::to_string(head.retry_after->count()) : "-") + "\n" + body;
}

struct Ask {
  std::string path;
  std::string body;
};

std::vector<Ask> Asks() {
  const auto chat = [](const char* more) {
    return std::string(R"({"model":"m","messages":[{"role":"user","content":"one two three"}])") + more + "}";
  };
  return {
      {"/v1/chat/completions",
       chat(R"(,"stream":true,"max_tokens":12,"stream_options":{"include_usage":true})")},
      {"/v1/chat/completions",
       chat(
           R"(,"stream":true,"max_tokens":9,"n":2,"stream_options":{"include_usage":true,"continuous_usage_stats":true})")},
      {"/v1/chat/completions", chat(R"(,"stream":true,"max_tokens":7,"ignore_eos":true)")},
      {"/v1/chat/completions", chat(R"(,"max_tokens":12)")},
      {"/v1/completions", R"({"model":"m","prompt":"a b c","stream":true})"},
      {"/v1/completions", R"({"model":"m","prompt":"a b c"})"},
      {"/v1/embeddings", R"({"model":"m","input":["a b","c","d"],"dimensions":8})"},
      {"/v1/embeddings", R"({"model":"m","input":["a b","c"],"dimensions":8,"encoding_format":"base64"})"},
      {"/v1/rerank", R"({"model":"m","query":"a b","documents":["a","b c","a b"]})"},
      {"/score", R"({"model":"m","text_1":"a b","text_2":["a","x"]})"},
      {"/embed", R"({"inputs":["a","b"]})"},
      {"/rerank", R"({"query":"a b","texts":["a","x"]})"},
      {"/tokenize", R"({"model":"m","prompt":"a b c"})"},
      {"/v1/models", ""},
      {"/v1/chat/completions", "not json"},
      {"/v1/chat/completions", R"({"model":"m"})"},
      {"/nothing/here", "{}"},
  };
}

// One after the other, so that both endpoints number them alike.
std::vector<std::string> AnswersOfSocket(const std::string& setting, const TransferLimits& limits) {
  const auto sim = StartSim(setting);
  const auto transport = *MakeCurlTransport(
      {.first_byte_timeout = limits.first_byte, .idle_timeout = limits.idle}, SystemClock(), Diagnostics());
  std::vector<std::string> answers;
  for (const Ask& ask : Asks()) {
    HeardTransfer heard;
    transport->Start(0, RequestTo(sim->base_url(), ask.path, ask.body), heard);
    const TimePoint deadline = SystemClock().Now() + kPatience;
    while (!heard.has_ended() && SystemClock().Now() < deadline) transport->Poll(deadline);
    REQUIRE(heard.has_ended());
    answers.push_back(Comparable(heard));
  }
  return answers;
}

std::vector<std::string> AnswersInVirtualTime(const std::string& setting, const TransferLimits& limits) {
  VirtualEndpoint endpoint(setting, limits);
  std::vector<std::string> answers;
  for (const Ask& ask : Asks())
    answers.push_back(Comparable(endpoint.Run(endpoint.Post(ask.path, ask.body))));
  return answers;
}

void CheckSameAnswers(const std::string& setting, const TransferLimits& limits = {}) {
  INFO(setting);
  const auto socket = AnswersOfSocket(setting, limits);
  const auto simulated = AnswersInVirtualTime(setting, limits);
  REQUIRE(socket.size() == simulated.size());
  for (size_t i = 0; i < socket.size(); ++i) {
    INFO(Asks()[i].path + " " + Asks()[i].body);
    CHECK(simulated[i] == socket[i]);
  }
}

// What a record says that does not depend on the machine.
std::string Gist(const RequestRecord& record) {
  return std::string(ToString(record.outcome.cls)) + " " +
         std::to_string(record.outcome.http_status.value_or(0)) + " in " +
         std::to_string(record.input_tokens.tokens) + " out " + std::to_string(record.output_tokens.tokens) +
         " (" + std::string(ToString(record.output_tokens.source)) + ") events " +
         std::to_string(record.arrivals.total_events()) + " finish " + record.finish_reason + " text " +
         record.output_text;
}

std::vector<std::string> GistsOf(std::vector<RequestRecord> records) {
  std::sort(records.begin(), records.end(),
            [](const RequestRecord& a, const RequestRecord& b) { return a.request_id < b.request_id; });
  std::vector<std::string> gists;
  for (const RequestRecord& record : records) gists.push_back(Gist(record));
  return gists;
}

// The same run as RunLoopback's, in virtual time.
std::vector<RequestRecord> RunInVirtualTime(const std::string& setting, LoopbackRunConfig config) {
  VirtualEndpoint endpoint(setting);
  config.url = std::string(kVirtualUrl);
  RunControl control;
  return RunOver({endpoint.transport.get()}, endpoint.clock, config, control).records;
}

// The line that the server's log has of the one request that it gets.
Json LoggedByServer(const std::string& setting, const std::string& path, const std::string& body) {
  char name[] = "/tmp/llmdyno-virtual-XXXXXX";
  const int fd = ::mkstemp(name);
  REQUIRE(fd >= 0);
  ::close(fd);
  const auto sim = StartSim(setting + ",log=" + name);
  const auto transport = *MakeCurlTransport({}, SystemClock(), Diagnostics());
  HeardTransfer heard;
  transport->Start(0, RequestTo(sim->base_url(), path, body), heard);
  WaitUntil([&] {
    transport->Poll(SystemClock().Now() + 10ms);
    return heard.has_ended();
  });
  sim->Stop();  // completes the log
  std::ifstream file(name);
  std::string line;
  std::getline(file, line);
  KeepWrittenFile(name, "log.jsonl");
  std::remove(name);
  return Json::parse(line);
}

}  // namespace

TEST_CASE("A request gets the same answer in virtual time as from a socket, on every route", "[virtual]") {
  for (const char* setting :
       {"fast", "scripted:ttft=1ms,itl=200us,tokens_per_chunk=3,reasoning=4,role_chunk=true,extras=true",
        "l4-llama-3.2-3b:step_base=200us,crlf=true", "fast:short=true,output_tokens=3-9,split=7,seed=5",
        "fast:max_model_len=14,strict_model=true,model=m"}) {
    CheckSameAnswers(setting);
  }
}

TEST_CASE("A request meets the same fault in virtual time as on a socket", "[virtual]") {
  for (const char* fault :
       {"http_429", "http_500", "http_503", "drop", "cut", "sse_error", "bad_json", "empty", "short_items",
        "nan_item", "other_dimension", "drip", "no_usage", "no_done"}) {
    CheckSameAnswers("scripted:ttft=1ms,itl=100us," + std::string(fault) + "=1");
  }
  CheckSameAnswers("scripted:ttft=1ms,itl=100us,http_503=0.2,cut=0.2,empty=0.2,bad_json=0.2,drip=0.5,seed=3");
}

TEST_CASE("A stall ends in virtual time as it does on a socket", "[virtual]") {
  // Each silence lasts as long as its limit, in real time on the socket's side.
  CheckSameAnswers("fast:stall=1", {.first_byte = 200ms});
  CheckSameAnswers("fast:stall_mid=1", {.idle = 500ms});
}

TEST_CASE("A run in virtual time has the texts, counts and outcomes of the run over a socket", "[virtual]") {
  for (const char* setting :
       {"fast", "scripted:ttft=1ms,itl=100us,http_500=0.2,cut=0.2,sse_error=0.2,no_usage=0.5",
        "h100-llama-3.1-8b:step_base=200us,drop=0.3"}) {
    for (const bool is_streaming : {true, false}) {
      INFO(setting);
      LoopbackRunConfig config;
      config.stop.requests = 12;
      config.dialect.stream = is_streaming;
      const auto sim = StartSim(setting);
      config.url = sim->base_url();
      CHECK(GistsOf(RunInVirtualTime(setting, config)) == GistsOf(RunLoopback(config).records));
    }
  }
}

TEST_CASE("A token leaves a socket no earlier than it comes in virtual time", "[virtual]") {
  for (const std::string setting : {"scripted:ttft=3ms,itl=1ms", "l4-llama-3.2-3b:step_base=1ms"}) {
    INFO(setting);
    const std::string body =
        R"({"model":"m","messages":[{"role":"user","content":"a b c"}],"stream":true,"max_tokens":20,"ignore_eos":true})";
    VirtualEndpoint endpoint(setting);
    const TimePoint start = endpoint.clock.Now();
    const auto instants = endpoint.Run(endpoint.Post("/v1/chat/completions", body)).TokenInstants();
    const Json line = LoggedByServer(setting, "/v1/chat/completions", body);
    REQUIRE(line["token_sent_ns"].size() == instants.size());
    REQUIRE(instants.size() == 20);
    for (size_t i = 0; i < instants.size(); ++i) {
      const int64_t sent = line["token_sent_ns"][i].get<int64_t>() - line["arrival_ns"].get<int64_t>();
      CHECK(sent >= (instants[i] - start).count());
    }
  }
}
