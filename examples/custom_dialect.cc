// A dialect of one's own: Ollama's /api/chat, which streams JSON objects, one a line.
//
//   custom_dialect                              checks it, and races an endpoint that is made up here
//   custom_dialect http://localhost:11434 MODEL races a real one
//
// docs/extending.md goes through it step by step.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "llmdyno/llmdyno.h"
#include "llmdyno/testing/dialect_conformance.h"
#include "llmdyno/testing/simulated_transport.h"

namespace {

using namespace llmdyno;
using Json = nlohmann::ordered_json;

// A member that is a text, or nothing: an endpoint may send anything.
std::string TextIn(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<int64_t> CountIn(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<int64_t>();
}

// Bytes come in any chunks; a line is what counts. What is left at the end is a line as well: the answer to a
// request with "stream": false has no newline.
class OllamaDecoder final : public ResponseDecoder {
 public:
  void Begin(std::string_view /*content_type*/) override { line_.clear(); }
  void Decode(std::string_view bytes, StreamEventSink& sink) override {
    for (size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
      line_ += bytes.substr(0, end);
      bytes.remove_prefix(end + 1);
      OnLine(sink);
    }
    line_ += bytes;
  }
  void End(StreamEventSink& sink) override { OnLine(sink); }
  std::unique_ptr<ResponseDecoder> NewSibling() override { return std::make_unique<OllamaDecoder>(); }

 private:
  void OnLine(StreamEventSink& sink) {
    const std::string line = std::move(line_);
    line_.clear();
    if (line.find_first_not_of(" \r\t") == std::string::npos) return;
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object()) return sink.OnMalformed("a line is no JSON object");
    if (const std::string error = TextIn(json, "error"); !error.empty()) return sink.OnProviderError(error);
    const auto message = json.find("message");
    if (message == json.end() || !message->is_object()) return sink.OnMalformed("a line has no message");
    const std::string content = TextIn(*message, "content");
    const std::string thinking = TextIn(*message, "thinking");
    const std::string reason = TextIn(json, "done_reason");
    const bool is_done = json.value("done", Json()) == Json(true);
    StreamEvent event;
    event.has_choice = true;
    event.content = content;
    event.reasoning = thinking;
    event.texts = content.empty() && thinking.empty() ? 0 : 1;
    event.finish_reason = reason;
    if (is_done) {
      event.usage = UsageReport{.prompt_tokens = CountIn(json, "prompt_eval_count"),
                                .completion_tokens = CountIn(json, "eval_count")};
    }
    sink.OnEvent(event);
    if (is_done) sink.OnDone();
  }

  std::string line_;
};

class OllamaDialect final : public Dialect {
 public:
  OllamaDialect(OpenAiDialectConfig flags, std::string keep_alive)
      : flags_(std::move(flags)), keep_alive_(std::move(keep_alive)) {}

  std::string_view name() const override { return "ollama"; }
  bool streams() const override { return flags_.stream; }
  std::unique_ptr<ResponseDecoder> NewDecoder() const override { return std::make_unique<OllamaDecoder>(); }

  absl::Status Encode(const Request& request, const Endpoint& endpoint, HttpRequest& http) const override {
    const auto* chat = std::get_if<ChatBody>(&request.body);
    if (chat == nullptr) return absl::InvalidArgumentError("ollama carries conversations only");
    Json body = {{"model", request.model.empty() ? endpoint.model : request.model},
                 {"stream", flags_.stream}};
    for (const Message& message : chat->messages) {
      if (!message.image_urls.empty()) return absl::InvalidArgumentError("ollama carries no pictures here");
      body["messages"].push_back({{"role", message.role}, {"content", message.content}});
    }
    if (!keep_alive_.empty()) body["keep_alive"] = keep_alive_;
    if (request.max_output_tokens) body["options"]["num_predict"] = *request.max_output_tokens;
    if (flags_.temperature) body["options"]["temperature"] = *flags_.temperature;
    // Everything is written anew: `http` was used for another request.
    http.method = "POST";
    http.url = endpoint.url.RootRoute("api/chat");
    http.headers = {{"Content-Type", "application/json"}};
    http.headers.insert(http.headers.end(), endpoint.headers.begin(), endpoint.headers.end());
    http.bearer_token = endpoint.api_key;
    http.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    return absl::OkStatus();
  }

 private:
  const OpenAiDialectConfig flags_;
  const std::string keep_alive_;
};

// --dialect ollama:keep_alive=5m
absl::StatusOr<std::shared_ptr<const Dialect>> MakeOllama(const Params& params,
                                                          const DialectContext& context) {
  std::string keep_alive;
  if (absl::Status status = ParamReader(params).Read("keep_alive", keep_alive).Finish(); !status.ok()) {
    return status;
  }
  // What a dialect cannot do it says, instead of measuring something else than was asked for.
  if (context.spec.dialect.ignore_eos || context.spec.dialect.n != 1) {
    return absl::InvalidArgumentError("ollama knows neither ignore_eos nor several answers to a request");
  }
  return std::make_shared<OllamaDialect>(context.spec.dialect, keep_alive);
}

// Tokens every 20 ms, the first after 100 ms.
SimulatedResponse Answer(const HttpRequest& /*request*/, int64_t /*index*/) {
  constexpr int kTokens = 50;
  SimulatedResponse response;
  response.content_type = "application/x-ndjson";
  for (int i = 0; i < kTokens; ++i) {
    response.body.push_back({std::chrono::milliseconds(100 + 20 * i),
                             R"({"message":{"role":"assistant","content":" word"},"done":false})"
                             "\n"});
  }
  response.end_at = std::chrono::milliseconds(100 + 20 * kTokens);
  response.body.push_back({response.end_at,
                           R"({"message":{"role":"assistant","content":""},"done":true,"done_reason":"stop",)"
                           R"("prompt_eval_count":26,"eval_count":50})"
                           "\n"});
  return response;
}

// The samples are what the author knows of the API; the suite does to them what networks do.
bool KeepsToTheRules(const Dialect& dialect) {
  Request chat;
  chat.body = ChatBody{{{"user", "Why is the sky \"blue\"?"}}};
  Request completion;
  completion.body = CompletionBody{"Once upon a time"};
  std::string stream;
  for (const SimulatedResponse::Piece& piece : Answer({}, 0).body) stream += piece.bytes;
  const std::string whole =
      R"({"message":{"content":"Hi"},"done":true,"prompt_eval_count":3,"eval_count":1})";
  const auto violations =
      CheckDialect(dialect, {.carried = {chat},
                             .refused = {completion},
                             .responses = {{"application/x-ndjson", stream}, {"application/json", whole}}});
  for (const std::string& sentence : violations) std::fprintf(stderr, "%s\n", sentence.c_str());
  return violations.empty();
}

absl::StatusOr<RunMetrics> Race(const RunSpec& spec, const Catalog& catalog, Transport& transport,
                                const Clock& clock) {
  const Diagnostics diagnostics;
  const auto counter = MakeEstimatingTokenCounter();
  absl::StatusOr<RunPlan> plan = MakePlan(spec, {catalog, transport, clock, diagnostics}, *counter);
  if (!plan.ok()) return plan.status();
  RunMetricsBuilder metrics;
  RunControl control;
  const RunContext context{clock, {&transport}, control, {&metrics}, nullptr, {}, diagnostics};
  const absl::StatusOr<RunResult> result = ExecuteRun(*plan, context);
  if (!result.ok()) return result.status();
  return metrics.Build({.users = 4});
}

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "custom_dialect: %s\n", std::string(status.message()).c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  Catalog catalog = MakeBuiltInCatalog();
  if (absl::Status added =
          catalog.dialects.Add({"ollama", "Ollama's /api/chat; keep_alive=DURATION", MakeOllama});
      !added.ok()) {
    return Fail(added);
  }
  const bool is_real = argc == 3;
  RunSpec spec;
  const absl::StatusOr<BaseUrl> url = BaseUrl::Parse(is_real ? argv[1] : "http://simulated:11434");
  if (!url.ok()) return Fail(url.status());
  spec.endpoint.url = *url;
  spec.endpoint.model = is_real ? argv[2] : "simulated";
  spec.dialect_name = "ollama:keep_alive=5m";
  spec.workload.name = "synthetic";
  spec.workload.request.max_output_tokens = 50;
  spec.load = ClosedLoopConfig{.users = 4, .ramp_users_per_second = 0};
  spec.stop.requests = 40;

  const auto dialect = MakeDialect(spec, catalog, Diagnostics());
  if (!dialect.ok()) return Fail(dialect.status());
  if (!KeepsToTheRules(**dialect)) return 1;
  std::printf("the dialect keeps to the rules\n");

  SimulatedClock virtual_clock;
  const Clock& clock = is_real ? SystemClock() : virtual_clock;
  absl::StatusOr<std::unique_ptr<Transport>> transport =
      std::make_unique<SimulatedTransport>(virtual_clock, Answer);
  if (is_real) transport = MakeCurlTransport(spec.transport, clock, Diagnostics());
  if (!transport.ok()) return Fail(transport.status());
  const absl::StatusOr<RunMetrics> metrics = Race(spec, catalog, **transport, clock);
  if (!metrics.ok()) return Fail(metrics.status());
  std::printf("%s%lld of %lld requests, %lld tokens, TTFT p50 %.1f ms\n",
              is_real ? "" : "SIMULATED: ", static_cast<long long>(metrics->successful),
              static_cast<long long>(metrics->requests), static_cast<long long>(metrics->output_tokens),
              metrics->ttft.Quantile(0.5).value_or(0));
  return metrics->successful > 0 ? 0 : 1;
}
