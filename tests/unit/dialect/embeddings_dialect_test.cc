#include "llmdyno/dialect/embeddings_dialect.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "unit/dialect/decoding.h"

using namespace llmdyno;
using Json = nlohmann::ordered_json;

namespace {

Endpoint TestEndpoint(const std::string& url = "http://localhost:8000") {
  Endpoint endpoint;
  endpoint.url = *BaseUrl::Parse(url);
  endpoint.model = "embedder";
  return endpoint;
}

HttpRequest Encode(const EmbeddingsDialectConfig& config, const Endpoint& endpoint = TestEndpoint(),
                   const std::string& model = "") {
  Request request;
  request.id = 5;
  request.body = EmbeddingBody{{"one \"text\"", "zwölf"}};
  request.model = model;
  const auto dialect = MakeEmbeddingsDialect(config);
  REQUIRE(dialect.ok());
  HttpRequest http;
  const absl::Status status = (*dialect)->Encode(request, endpoint, http);
  INFO(status.ToString());
  REQUIRE(status.ok());
  return http;
}

Lines Read(std::string_view body, EmbeddingsApi api = EmbeddingsApi::kOpenAi,
           std::string_view content_type = "application/json") {
  const auto dialect = MakeEmbeddingsDialect({.api = api});
  REQUIRE(dialect.ok());
  return DecodeAnyhow(*(*dialect)->NewDecoder(), body, content_type);
}

Lines Malformed(const std::string& sentence) { return {"malformed \"" + sentence + "\"", "done"}; }

std::string Base64(const std::vector<float>& values) {
  std::string bytes(values.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return absl::Base64Escape(bytes);
}

std::string DataOf(const std::string& vectors) { return R"({"object":"list","data":[)" + vectors + "]}"; }
std::string Item(const std::string& vector) { return R"({"object":"embedding","embedding":)" + vector + "}"; }

std::string ErrorOf(const EmbeddingsDialectConfig& config) {
  return std::string(MakeEmbeddingsDialect(config).status().message());
}

}  // namespace

TEST_CASE("An embeddings request has exactly the fields that were asked for", "[embeddings]") {
  const HttpRequest http = Encode({});
  CHECK(http.url == "http://localhost:8000/v1/embeddings");
  CHECK(Json::parse(http.body) ==
        Json::parse(R"({"model":"embedder","input":["one \"text\"","zwölf"],"encoding_format":"float"})"));
  const Json other = Json::parse(Encode({.encoding_format = EmbeddingEncoding::kBase64,
                                         .dimensions = 256,
                                         .extra_body_json = R"({"truncate_prompt_tokens":-1})"},
                                        TestEndpoint(), "adapter")
                                     .body);
  CHECK(other == Json::parse(R"({"model":"adapter","input":["one \"text\"","zwölf"],
      "encoding_format":"base64","dimensions":256,"truncate_prompt_tokens":-1})"));
  CHECK_FALSE(Json::parse(Encode({.extra_body_json = R"({"encoding_format":null})"}).body)
                  .contains("encoding_format"));
}

TEST_CASE("The embed route of text-embeddings-inference lies beside the versioned routes", "[embeddings]") {
  const EmbeddingsDialectConfig config = {.api = EmbeddingsApi::kTei,
                                          .extra_body_json = R"({"truncate":true})"};
  const HttpRequest http = Encode(config);
  CHECK(http.url == "http://localhost:8000/embed");
  CHECK(Json::parse(http.body) == Json::parse(R"({"inputs":["one \"text\"","zwölf"],"truncate":true})"));
  CHECK(Encode(config, TestEndpoint("http://host/embed")).url == "http://host/embed");
  CHECK(Encode(config, TestEndpoint("http://host/tei/v1")).url == "http://host/tei/embed");
}

TEST_CASE("An embeddings dialect says what it cannot do", "[embeddings]") {
  CHECK(ErrorOf({.dimensions = 0}) == "dimensions must be between 1 and 65536, not 0");
  CHECK_THAT(ErrorOf({.api = EmbeddingsApi::kTei, .encoding_format = EmbeddingEncoding::kBase64}),
             Catch::Contains("no base64"));
  CHECK_THAT(ErrorOf({.extra_body_json = "[]"}), Catch::Contains("must be a JSON object"));
  const auto dialect = MakeEmbeddingsDialect({});
  CHECK_FALSE((*dialect)->streams());
  HttpRequest http;
  Request request;
  request.body = EmbeddingBody{};
  CHECK_THAT(std::string((*dialect)->Encode(request, TestEndpoint(), http).message()),
             Catch::Contains("at least one text"));
  request.body = ChatBody{};
  CHECK_THAT(std::string((*dialect)->Encode(request, TestEndpoint(), http).message()),
             Catch::Contains("carries texts to embed"));
  CHECK(ParseEmbeddingsApi("tei") == EmbeddingsApi::kTei);
  CHECK_FALSE(ParseEmbeddingsApi("TEI"));
  CHECK(ParseEmbeddingEncoding("base64") == EmbeddingEncoding::kBase64);
}

TEST_CASE("Answers of engines and services are read as they mean", "[embeddings]") {
  // vLLM
  CHECK(Read(R"({"id":"embd-1","object":"list","created":1744000000,"model":"m","data":[
      {"index":0,"object":"embedding","embedding":[0.0123,-1.5e-05,1]},
      {"index":1,"object":"embedding","embedding":[0.1,0.2,-0.3]}],
      "usage":{"prompt_tokens":11,"total_tokens":11,"completion_tokens":0,"prompt_tokens_details":null}})") ==
        Lines{"event items=2 usage=11/0/-/-", "done"});
  // OpenAI: the vector before its index, no completion tokens
  CHECK(
      Read(
          R"({"object":"list","data":[{"object":"embedding","embedding":")" + Base64({0.5F, -2}) +
          R"(","index":0}],"model":"text-embedding-3-small","usage":{"prompt_tokens":5,"total_tokens":5}})") ==
      Lines{"event items=1 usage=5/-/-/-", "done"});
  // A gateway that counts in the total alone, and one that counts nothing
  CHECK(Read(R"({"data":[{"embedding":[1]}],"usage":{"prompt_tokens":0,"total_tokens":7,"cost":1e-07}})") ==
        Lines{"event items=1 usage=7/-/-/- cost=1e-07", "done"});
  CHECK(Read(R"({"data":[{"embedding":[1]}],"error":null})") == Lines{"event items=1", "done"});
  // text-embeddings-inference
  CHECK(Read("[[0.1,0.2],[0.3,-0.4],[0,1]]", EmbeddingsApi::kTei) == Lines{"event items=3", "done"});
  // With a byte-order mark, and of an endpoint that forgets the content type
  CHECK(Read("\xEF\xBB\xBF \n" + DataOf(Item("[1,2]")), EmbeddingsApi::kOpenAi, "") ==
        Lines{"event items=1", "done"});
}

TEST_CASE("A vector that a client could not use makes the answer malformed, in a sentence", "[embeddings]") {
  CHECK(Read(DataOf(Item("[1]") + "," + Item("[2]") + R"(,{"index":2})")) ==
        Malformed("data[2].embedding is missing"));
  CHECK(Read(DataOf(Item("[1,2,3]") + "," + Item("[1,2]"))) ==
        Malformed("data[1].embedding has 2 numbers, data[0].embedding has 3"));
  CHECK(Read(DataOf(Item("[1,2]") + "," + Item("\"" + Base64({1, 2, 3}) + "\""))) ==
        Malformed("data[1].embedding has 3 numbers, data[0].embedding has 2"));
  CHECK(Read(DataOf(Item("[]"))) == Malformed("data[0].embedding is empty"));
  CHECK(Read(DataOf(Item("\"\""))) == Malformed("data[0].embedding is empty"));
  CHECK(Read(DataOf(Item("null"))) == Malformed("data[0].embedding is neither a list of numbers nor base64"));
  CHECK(Read(DataOf("7")) == Malformed("data[0] is not an object"));
  CHECK(Read("[[1,2],[3]]", EmbeddingsApi::kTei) == Malformed("[1] has 1 numbers, [0] has 2"));
  CHECK(Read("[[1,2],{}]", EmbeddingsApi::kTei) == Malformed("[1] is neither a list of numbers nor base64"));
}

TEST_CASE("Numbers that are not finite are found in either encoding", "[embeddings]") {
  for (const std::string number : {"null", "NaN", "-Infinity", "1e999", "\\\"0.5\\\"", "[1]", "1.2.3"}) {
    std::string raw = number;
    if (raw == "\\\"0.5\\\"") raw = "\"0.5\"";
    const Lines events = Read(DataOf(Item("[0.5," + raw + "]")));
    REQUIRE(events.size() == 2);
    CHECK_THAT(events[0], Catch::StartsWith("malformed \"data[0].embedding[1] is not a finite number"));
  }
  CHECK(Read(DataOf(Item("[0.5,NaN ]"))) == Malformed("data[0].embedding[1] is not a finite number: NaN"));
  for (const float number :
       {std::nanf(""), std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
    CHECK(Read(DataOf(Item("[1,2,3]") + "," + Item("\"" + Base64({1, 2, number}) + "\""))) ==
          Malformed("data[1].embedding[2] is not a finite number"));
  }
  CHECK(Read(DataOf(Item("\"" + Base64({std::numeric_limits<float>::max(), 1e-45F}) + "\""))) ==
        Lines{"event items=1", "done"});
}

TEST_CASE("Numbers are told from what only looks like one, however they are written", "[embeddings]") {
  for (const std::string number : {"0", "-0", "7", "-0.0", "0.5", "12345678", "123456789.87654321",
                                   "-0.012345678901234567", "1e5", "1E-7", "2.5e+99", "1e-300", "1e308",
                                   "0.00000000000000000000000000000000000000000000000000000000000000000001",
                                   "1234567890123456789012345678901234567890"}) {
    CAPTURE(number);
    CHECK(Read(DataOf(Item("[0.5," + number + "]"))) == Lines{"event items=1", "done"});
    CHECK(Read(DataOf(Item("[" + number + " , 0.5\n]"))) == Lines{"event items=1", "done"});
  }
  for (const std::string number : {"01", "-", "-a", ".5", "5.", "1e", "1e+", "1e400", "-1e309", "0x10",
                                   "1_000", "12345678a", "1.5f", "--1", "+1", "1 2", "true", "\"1\"", "{}"}) {
    CAPTURE(number);
    const Lines events = Read(DataOf(Item("[0.5," + number + "]")));
    REQUIRE_FALSE(events.empty());
    CHECK_THAT(events[0], Catch::StartsWith("malformed"));
  }
}

TEST_CASE("Base64 that is none, or has odd bytes, is malformed", "[embeddings]") {
  CHECK(Read(DataOf(Item(R"("not base64!")"))) == Malformed("data[0].embedding is not base64"));
  CHECK(Read(DataOf(Item(R"("AAAAAAA=")"))) ==
        Malformed("data[0].embedding has 5 bytes, which is no multiple of 4"));
  // Without padding, and with the slashes that some encoders escape, it is what it is.
  CHECK(Read(DataOf(Item(R"("AACAPw")"))) == Lines{"event items=1", "done"});
  CHECK(Read(DataOf(Item(R"("\/\/9\/Pw==")"))) == Lines{"event items=1", "done"});
}

TEST_CASE("An error inside a 2xx is the provider's", "[embeddings]") {
  const auto said = [](const std::string& message) {
    return Lines{"provider_error \"" + message + "\"", "done"};
  };
  CHECK(Read(R"({"error":{"message":"out of memory","type":"server_error"}})") == said("out of memory"));
  CHECK(Read(R"({"error":"Model is overloaded","error_type":"overloaded"})", EmbeddingsApi::kTei) ==
        said("Model is overloaded"));
  CHECK(Read(R"({"object":"error","message":"too long","code":400})") == said("too long"));
  CHECK(Read(R"({"message":"invalid request"})") == said("invalid request"));
  CHECK(Read(R"({"data":[],"error":{}})") == said("the endpoint reported an error without a message"));
}

TEST_CASE("What is no answer of the API is malformed", "[embeddings]") {
  CHECK(Read(R"({"model":"m","data":null})") == Malformed("data is missing"));
  CHECK(Read(R"({"embeddings":[[1]]})", EmbeddingsApi::kTei) == Malformed("the answer is not a list"));
  for (const std::string cut :
       {R"({"data":[{"embedding":[1,2)", R"({"data":[{"embedding":"AAAA)", "{", "["}) {
    const Lines events = Read(cut);
    REQUIRE(events.size() == 2);
    CHECK_THAT(events[0], Catch::StartsWith("malformed \"not valid JSON"));
  }
  CHECK_THAT(Read(DataOf(Item("[1]")) + "]").at(0), Catch::StartsWith("malformed \"not valid JSON"));
  CHECK(Read("<html>It works!</html>", EmbeddingsApi::kOpenAi, "text/html") ==
        Lines{"malformed \"a body of type 'text/html' that begins '<html>It works!</html>'\""});
  CHECK(Read("").empty());
  CHECK(Read("{\"data\":[]}") == Lines{"event items=0", "done"});
}
