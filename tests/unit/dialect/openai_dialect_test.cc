#include "llmdyno/dialect/openai_dialect.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "support/catch.h"

using namespace llmdyno;
using Json = nlohmann::ordered_json;

namespace {

Endpoint TestEndpoint() {
  Endpoint endpoint;
  endpoint.url = *BaseUrl::Parse("http://localhost:8000");
  endpoint.model = "test-model";
  return endpoint;
}

Request ChatRequest() {
  Request request;
  request.id = 12;
  request.body = ChatBody{{{"system", "Be brief."}, {"user", "Say \"hi\""}}};
  request.max_output_tokens = 64;
  return request;
}

HttpRequest Encode(const OpenAiDialectConfig& config, const Request& request = ChatRequest(),
                   const Endpoint& endpoint = TestEndpoint()) {
  const auto dialect = MakeOpenAiDialect(config);
  REQUIRE(dialect.ok());
  HttpRequest http;
  const absl::Status status = (*dialect)->Encode(request, endpoint, http);
  INFO(status.ToString());
  REQUIRE(status.ok());
  return http;
}

Json Body(const OpenAiDialectConfig& config, const Request& request = ChatRequest()) {
  return Json::parse(Encode(config, request).body);
}

std::string ErrorOf(const OpenAiDialectConfig& config) {
  const auto dialect = MakeOpenAiDialect(config);
  return dialect.ok() ? "" : std::string(dialect.status().message());
}

std::vector<std::string> ValuesOf(const HttpRequest& http, const std::string& name) {
  std::vector<std::string> values;
  for (const HttpHeader& header : http.headers) {
    if (header.name == name) values.push_back(header.value);
  }
  return values;
}

}  // namespace

TEST_CASE("A chat request has exactly the fields that were asked for", "[dialect]") {
  CHECK(Body({}) == Json::parse(R"({"model":"test-model",
      "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Say \"hi\""}],
      "max_tokens":64,"stream":true,"stream_options":{"include_usage":true}})"));
}

TEST_CASE("A completion request carries the bare prompt", "[dialect]") {
  Request request;
  request.body = CompletionBody{"Once upon"};
  const HttpRequest http = Encode({.route = OpenAiRoute::kCompletions, .stream = false}, request);
  CHECK(Json::parse(http.body) ==
        Json::parse(R"({"model":"test-model","prompt":"Once upon","stream":false})"));
  CHECK(http.url == "http://localhost:8000/v1/completions");
}

TEST_CASE("The routes follow from the base URL however it was written", "[dialect]") {
  for (const char* text :
       {"localhost:8000", "http://localhost:8000/v1/", "http://localhost:8000/v1/chat/completions"}) {
    Endpoint endpoint = TestEndpoint();
    endpoint.url = *BaseUrl::Parse(text);
    CHECK(Encode({}, ChatRequest(), endpoint).url == "http://localhost:8000/v1/chat/completions");
  }
}

TEST_CASE("Usage options follow the config", "[dialect]") {
  CHECK_FALSE(Body({.include_usage = false}).contains("stream_options"));
  CHECK_FALSE(Body({.stream = false}).contains("stream_options"));
  CHECK(Body({.continuous_usage = true})["stream_options"] ==
        Json::parse(R"({"include_usage":true,"continuous_usage_stats":true})"));
}

TEST_CASE("Sampling options appear only when they are set", "[dialect]") {
  const Json plain = Body({});
  for (const char* field : {"ignore_eos", "min_tokens", "temperature", "seed"})
    CHECK_FALSE(plain.contains(field));
  const Json all = Body({.ignore_eos = true, .min_tokens = 10, .temperature = 0.0, .seed = 42});
  CHECK(all["ignore_eos"] == true);
  CHECK(all["min_tokens"] == 10);
  CHECK(all["temperature"] == 0.0);
  CHECK(all["seed"] == 42);
}

TEST_CASE("min_tokens never exceeds the limit of the same request", "[dialect]") {
  CHECK(Body({.min_tokens = 1000})["min_tokens"] == 64);
  Request unlimited = ChatRequest();
  unlimited.max_output_tokens.reset();
  const Json body = Body({.min_tokens = 1000}, unlimited);
  CHECK(body["min_tokens"] == 1000);
  CHECK_FALSE(body.contains("max_tokens"));
}

TEST_CASE("The limit goes by the name that the endpoint wants", "[dialect]") {
  const Json body = Body({.max_tokens_field = "max_completion_tokens"});
  CHECK(body["max_completion_tokens"] == 64);
  CHECK_FALSE(body.contains("max_tokens"));
}

TEST_CASE("Extra fields are added, win over ours, reach into objects, and null removes", "[dialect]") {
  const Json body = Body(
      {.extra_body_json =
           R"({"top_p":0.9,"max_tokens":5,"stream_options":{"x":1},"messages":null,"nested":{"a":null,"b":2}})"});
  CHECK(body["top_p"] == 0.9);
  CHECK(body["max_tokens"] == 5);
  CHECK(body["stream_options"] == Json::parse(R"({"include_usage":true,"x":1})"));
  CHECK_FALSE(body.contains("messages"));
  CHECK(body["nested"] == Json::parse(R"({"b":2})"));
  CHECK_FALSE(Body({.extra_body_json = R"({"stream_options":null})"}).contains("stream_options"));
}

TEST_CASE("Extra fields may stand for any member of a request's own", "[dialect]") {
  const Json body = Body(
      {.min_tokens = 3,
       .extra_body_json =
           R"({"model":"other","messages":[{"role":"user","content":"fixed"}],"max_tokens":null,"min_tokens":{"a":null}})"});
  CHECK(body == Json::parse(R"({"stream":true,"stream_options":{"include_usage":true},"model":"other",
      "messages":[{"role":"user","content":"fixed"}],"min_tokens":{}})"));
  Request request;
  request.body = CompletionBody{"Once upon"};
  const HttpRequest http =
      Encode({.route = OpenAiRoute::kCompletions, .extra_body_json = R"({"prompt":[1,2]})"}, request);
  CHECK(Json::parse(http.body)["prompt"] == Json::parse("[1,2]"));
}

TEST_CASE("A body can consist of the prompt alone, or of nothing", "[dialect]") {
  const Json bare =
      Body({.extra_body_json = R"({"model":null,"max_tokens":null,"stream":null,"stream_options":null})"});
  CHECK(bare.size() == 1);
  CHECK(bare.contains("messages"));
  CHECK(Body({.include_usage = false,
              .extra_body_json = R"({"model":null,"max_tokens":null,"stream":null,"messages":null})"}) ==
        Json::object());
}

TEST_CASE("An empty extra body changes nothing", "[dialect]") {
  CHECK(Body({.extra_body_json = "{}"}) == Body({}));
  CHECK(Body({.extra_body_json = ""}) == Body({}));
}

TEST_CASE("Settings out of range are refused in words", "[dialect]") {
  for (const char* extra : {"[1]", "7", "null", "\"text\"", "{\"a\":", "top_p=0.9", " "}) {
    INFO(extra);
    CHECK(ErrorOf({.extra_body_json = extra}).find("must be a JSON object") != std::string::npos);
  }
  CHECK(ErrorOf({.stream = false, .continuous_usage = true}) ==
        "continuous usage needs a streamed response with usage");
  CHECK(ErrorOf({.include_usage = false, .continuous_usage = true}) ==
        "continuous usage needs a streamed response with usage");
  CHECK(ErrorOf({.min_tokens = -1}) == "min_tokens must be 0 or more");
  CHECK(ErrorOf({.temperature = -0.1}) == "temperature must be between 0 and 10");
  CHECK(ErrorOf({.temperature = std::numeric_limits<double>::quiet_NaN()}) ==
        "temperature must be between 0 and 10");
  for (const char* name : {"", "max\"tokens", "max\ntokens"}) {
    CHECK(ErrorOf({.max_tokens_field = name}) == "max_tokens_field must be a field name");
  }
}

TEST_CASE("A body that the route cannot carry is refused", "[dialect]") {
  HttpRequest http;
  Request completion;
  completion.body = CompletionBody{"x"};
  CHECK((*MakeOpenAiDialect({}))->Encode(completion, TestEndpoint(), http).message() ==
        "the chat completions route carries a conversation, not a bare prompt");
  CHECK((*MakeOpenAiDialect({.route = OpenAiRoute::kCompletions}))
            ->Encode(ChatRequest(), TestEndpoint(), http)
            .message() == "the completions route carries a bare prompt, not a conversation");
}

TEST_CASE("The key travels as a secret of its own, never in headers, URL or body", "[dialect]") {
  Endpoint endpoint = TestEndpoint();
  endpoint.api_key = Secret("sk-very-secret");
  const HttpRequest http = Encode({}, ChatRequest(), endpoint);
  CHECK(http.bearer_token.Reveal() == "sk-very-secret");
  CHECK(http.body.find("very-secret") == std::string::npos);
  CHECK(http.url.find("very-secret") == std::string::npos);
  for (const HttpHeader& header : http.headers) CHECK(header.value.find("very-secret") == std::string::npos);
}

TEST_CASE("Requests say what they are, what they accept and who they are", "[dialect]") {
  const HttpRequest streamed = Encode({});
  CHECK(streamed.method == "POST");
  CHECK(ValuesOf(streamed, "Content-Type") == std::vector<std::string>{"application/json"});
  CHECK(ValuesOf(streamed, "Accept") == std::vector<std::string>{"text/event-stream"});
  CHECK(ValuesOf(streamed, "X-Request-Id") == std::vector<std::string>{"llmdyno-12"});
  CHECK(ValuesOf(Encode({.stream = false}), "Accept") == std::vector<std::string>{"application/json"});
}

TEST_CASE("The user's headers are sent, and instead of ours of the same name", "[dialect]") {
  Endpoint endpoint = TestEndpoint();
  endpoint.api_key = Secret("from-the-environment");
  endpoint.headers = {{"X-Team", "speed"}, {"accept", "*/*"}, {"AUTHORIZATION", "Basic abc"}};
  const HttpRequest http = Encode({}, ChatRequest(), endpoint);
  CHECK(ValuesOf(http, "X-Team") == std::vector<std::string>{"speed"});
  CHECK(ValuesOf(http, "Accept").empty());
  CHECK(ValuesOf(http, "accept") == std::vector<std::string>{"*/*"});
  CHECK(http.bearer_token.empty());
}

TEST_CASE("A request that is encoded into a used one leaves nothing of that behind", "[dialect]") {
  Endpoint first = TestEndpoint();
  first.api_key = Secret("key");
  first.headers = {{"X-Old", "1"}};
  const auto dialect = MakeOpenAiDialect({});
  HttpRequest http;
  REQUIRE((*dialect)->Encode(ChatRequest(), first, http).ok());
  REQUIRE((*dialect)->Encode(ChatRequest(), TestEndpoint(), http).ok());
  CHECK(http.bearer_token.empty());
  CHECK(ValuesOf(http, "X-Old").empty());
  CHECK(http.headers.size() == Encode({}).headers.size());
}

TEST_CASE("Prompt bytes that are not UTF-8 are replaced, not thrown about", "[dialect]") {
  Request request;
  request.body = ChatBody{{{"user", "caf\xE9"}}};
  CHECK(Body({}, request)["messages"][0]["content"] == "caf\xEF\xBF\xBD");
}

TEST_CASE("A dialect says whether its answers are streams, and its name tells the route", "[dialect]") {
  CHECK((*MakeOpenAiDialect({}))->streams());
  CHECK_FALSE((*MakeOpenAiDialect({.stream = false}))->streams());
  CHECK((*MakeOpenAiDialect({}))->name() == "openai-chat");
  CHECK((*MakeOpenAiDialect({.route = OpenAiRoute::kCompletions}))->name() == "openai-completions");
}

TEST_CASE("A message with pictures is a list of parts, its text first", "[dialect][images]") {
  const auto png = std::make_shared<const std::string>("data:image/png;base64,iVBORw0KGgo=");
  const auto link = std::make_shared<const std::string>("https://pictures.test/a?b=\"c\"&d");
  Request request;
  request.body = ChatBody{{{"system", "Be brief."}, {"user", "What is this?", {png, link}}}};
  CHECK(Body({.include_usage = false}, request)["messages"] == Json::parse(R"([
      {"role":"system","content":"Be brief."},
      {"role":"user","content":[
        {"type":"text","text":"What is this?"},
        {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}},
        {"type":"image_url","image_url":{"url":"https://pictures.test/a?b=\"c\"&d"}}]}])"));
  request.body = ChatBody{{{"user", "", {png}}}};
  CHECK(Body({}, request)["messages"][0]["content"] ==
        Json::parse(R"([{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}])"));
}

TEST_CASE("A body with megabytes of pictures gets its memory at once", "[dialect][images]") {
  const auto picture = std::make_shared<const std::string>(3'000'000, 'A');
  Request request;
  request.body = ChatBody{{{"user", "Compare.", {picture, picture}}}};
  const HttpRequest http = Encode({}, request);
  CHECK(http.body.size() > 6'000'000);
  // Growing step by step would leave up to twice as much.
  CHECK(http.body.capacity() < 6'010'000);
  CHECK(Json::parse(http.body)["messages"][0]["content"][2]["image_url"]["url"] == *picture);
}

TEST_CASE("Token ids go where the bare prompt goes", "[dialect]") {
  Request request;
  request.body = TokenIdsBody{{1, 2, 128000, 0}};
  request.max_output_tokens = 8;
  const Json body = Body({.route = OpenAiRoute::kCompletions}, request);
  CHECK(body["prompt"] == Json::parse("[1,2,128000,0]"));
  CHECK(body["max_tokens"] == 8);
  request.body = TokenIdsBody{};
  CHECK(Body({.route = OpenAiRoute::kCompletions}, request)["prompt"] == Json::array());
}

TEST_CASE("A body that a route cannot carry is refused with what it is", "[dialect]") {
  const auto error_of = [](OpenAiRoute route, RequestBody body) {
    Request request;
    request.body = std::move(body);
    HttpRequest http;
    return std::string(
        (*MakeOpenAiDialect({.route = route}))->Encode(request, TestEndpoint(), http).message());
  };
  const std::string chat = "the chat completions route carries a conversation, not ";
  CHECK(error_of(OpenAiRoute::kChatCompletions, TokenIdsBody{}) == chat + "token ids");
  CHECK(error_of(OpenAiRoute::kChatCompletions, EmbeddingBody{}) == chat + "texts to embed");
  CHECK(error_of(OpenAiRoute::kCompletions, RerankBody{}) ==
        "the completions route carries a bare prompt, not documents to rank");
}

TEST_CASE("A request's own model and lower limit go before those of endpoint and config", "[dialect]") {
  Request request = ChatRequest();
  request.model = "adapter-7";
  request.min_output_tokens = 30;
  const Json body = Body({.min_tokens = 10}, request);
  CHECK(body["model"] == "adapter-7");
  CHECK(body["min_tokens"] == 30);
  request.min_output_tokens = 100;
  CHECK(Body({}, request)["min_tokens"] == 64);  // its upper limit
  CHECK(Body({.extra_body_json = R"({"model":"fixed","min_tokens":null})"}, request)["model"] == "fixed");
}

TEST_CASE("Several choices are asked for only when there are several", "[dialect]") {
  CHECK_FALSE(Body({}).contains("n"));
  CHECK(Body({.n = 3})["n"] == 3);
  CHECK(ErrorOf({.n = 0}) == "n must be between 1 and 128, not 0");
  CHECK(ErrorOf({.n = 129}) == "n must be between 1 and 128, not 129");
  CHECK(ErrorOf({.n = 128}).empty());
}
