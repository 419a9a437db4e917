#include "llmdyno/dialect/rerank_dialect.h"

#include <nlohmann/json.hpp>

#include "unit/dialect/decoding.h"

using namespace llmdyno;
using Json = nlohmann::ordered_json;

namespace {

HttpRequest Encode(const RerankDialectConfig& config, const std::string& url = "http://localhost:8000") {
  Endpoint endpoint;
  endpoint.url = *BaseUrl::Parse(url);
  endpoint.model = "ranker";
  Request request;
  request.body = RerankBody{"red car", {"blue sky", "a \"red\" car"}};
  const auto dialect = MakeRerankDialect(config);
  REQUIRE(dialect.ok());
  HttpRequest http;
  const absl::Status status = (*dialect)->Encode(request, endpoint, http);
  INFO(status.ToString());
  REQUIRE(status.ok());
  return http;
}

Lines Read(std::string_view body, RerankApi api = RerankApi::kJina) {
  const auto dialect = MakeRerankDialect({.api = api});
  REQUIRE(dialect.ok());
  return DecodeAnyhow(*(*dialect)->NewDecoder(), body, "application/json");
}

Lines Malformed(const std::string& sentence) { return {"malformed \"" + sentence + "\"", "done"}; }

}  // namespace

TEST_CASE("Each API gets its own spelling of query and documents", "[rerank]") {
  CHECK(Json::parse(Encode({}).body) == Json::parse(R"({"model":"ranker","query":"red car",
      "documents":["blue sky","a \"red\" car"],"return_documents":false})"));
  CHECK(Json::parse(Encode({.api = RerankApi::kCohereV2, .send_top_n = true}).body) ==
        Json::parse(R"({"model":"ranker","query":"red car","documents":["blue sky","a \"red\" car"],
      "top_n":2})"));
  CHECK(Json::parse(Encode({.api = RerankApi::kScore, .extra_body_json = R"({"priority":1})"}).body) ==
        Json::parse(R"({"model":"ranker","text_1":"red car","text_2":["blue sky","a \"red\" car"],
      "priority":1})"));
  CHECK(Json::parse(Encode({.api = RerankApi::kTei}).body) ==
        Json::parse(R"({"query":"red car","texts":["blue sky","a \"red\" car"],"return_text":false})"));
}

TEST_CASE("Each API has its own route, whichever version the base URL names", "[rerank]") {
  CHECK(Encode({}).url == "http://localhost:8000/v1/rerank");
  CHECK(Encode({}, "https://api.jina.ai/v1/rerank").url == "https://api.jina.ai/v1/rerank");
  for (const char* url : {"https://api.cohere.com", "https://api.cohere.com/v2", "https://api.cohere.com/v1",
                          "https://api.cohere.com/v2/rerank"}) {
    CHECK(Encode({.api = RerankApi::kCohereV2}, url).url == "https://api.cohere.com/v2/rerank");
  }
  for (const char* url : {"http://host:8000", "http://host:8000/v1", "http://host:8000/score"}) {
    CHECK(Encode({.api = RerankApi::kScore}, url).url == "http://host:8000/score");
  }
  CHECK(Encode({.api = RerankApi::kTei}, "http://host/rerank").url == "http://host/rerank");
}

TEST_CASE("A rerank dialect says what it cannot do", "[rerank]") {
  CHECK(std::string(MakeRerankDialect({.api = RerankApi::kTei, .send_top_n = true}).status().message()) ==
        "the API 'tei' has no top_n: expected send_top_n false");
  const auto dialect = MakeRerankDialect({});
  CHECK_FALSE((*dialect)->streams());
  HttpRequest http;
  Request request;
  request.body = EmbeddingBody{{"x"}};
  CHECK_THAT(std::string((*dialect)->Encode(request, Endpoint(), http).message()),
             Catch::Contains("carries documents to rank, not texts"));
  request.body = RerankBody{"x", {}};
  CHECK_THAT(std::string((*dialect)->Encode(request, Endpoint(), http).message()),
             Catch::Contains("at least one document"));
  for (const RerankApi api : {RerankApi::kJina, RerankApi::kCohereV2, RerankApi::kScore, RerankApi::kTei}) {
    CHECK(ParseRerankApi(ToString(api)) == api);
  }
  CHECK(ParseRerankApi("cohere") == RerankApi::kJina);
  CHECK_FALSE(ParseRerankApi("voyage"));
}

TEST_CASE("Rankings of engines and services are read as they mean", "[rerank]") {
  // vLLM
  CHECK(Read(R"({"id":"rerank-1","model":"m","usage":{"prompt_tokens":56,"total_tokens":56},"results":[
      {"index":1,"document":{"text":"b","multi_modal":null},"relevance_score":0.99853515625},
      {"index":0,"document":{"text":"a","multi_modal":null},"relevance_score":-0.0005860328674316406}]})") ==
        Lines{"event items=2 usage=56/-/-/-", "done"});
  // Jina
  CHECK(Read(R"({"model":"jina-reranker-v2-base-multilingual","object":"list","usage":{"total_tokens":815},
      "results":[{"index":0,"relevance_score":0.8783142566680908},{"index":2,"relevance_score":0.76},
      {"index":1,"relevance_score":3e-2}]})") == Lines{"event items=3 usage=815/-/-/-", "done"});
  // Cohere, both versions: search units are no tokens
  CHECK(Read(R"({"id":"07734bd2","results":[{"index":0,"relevance_score":0.999}],
      "meta":{"api_version":{"version":"1"},"billed_units":{"search_units":1}}})") ==
        Lines{"event items=1", "done"});
  CHECK(Read(R"({"results":[{"index":0,"relevance_score":0.999}],"id":"07734bd2",
      "meta":{"api_version":{"version":"2"},"billed_units":{"search_units":1,"input_tokens":30},
      "tokens":{"input_tokens":28,"output_tokens":0}}})",
             RerankApi::kCohereV2) == Lines{"event items=1 usage=28/-/-/-", "done"});
  // vLLM's score route
  CHECK(Read(R"({"id":"score-1","object":"list","created":693447,"model":"m","data":[
      {"index":0,"object":"score","score":1},{"index":1,"object":"score","score":0.00094}],
      "usage":{"prompt_tokens":9,"total_tokens":9,"completion_tokens":0,"prompt_tokens_details":null}})",
             RerankApi::kScore) == Lines{"event items=2 usage=9/0/-/-", "done"});
  // text-embeddings-inference, and SGLang's answer to Jina's request
  CHECK(Read(R"([{"index":1,"score":0.9976404},{"index":0,"score":0.12527346}])", RerankApi::kTei) ==
        Lines{"event items=2", "done"});
  CHECK(Read(R"([{"score":0.99,"document":"a","index":0,"meta_info":{"prompt_tokens":7}}])") ==
        Lines{"event items=1", "done"});
}

TEST_CASE("A ranking that a client could not use is malformed, in a sentence", "[rerank]") {
  const auto results = [](const std::string& items) { return R"({"results":[)" + items + "]}"; };
  const std::string first = R"({"index":0,"relevance_score":0.5})";
  CHECK(Read(results(first + R"(,{"index":1})")) == Malformed("results[1] has no score"));
  CHECK(Read(results(R"({"relevance_score":1})")) == Malformed("results[0].index is missing"));
  CHECK(Read(results(R"({"index":0.5,"relevance_score":1})")) ==
        Malformed("results[0].index is not a whole number"));
  CHECK(Read(results(first + R"(,{"index":2,"relevance_score":1})")) ==
        Malformed("results[1].index is 2, but there are 2 scores"));
  CHECK(Read(results(R"({"index":-1,"relevance_score":1})")) ==
        Malformed("results[0].index is -1, but there are 1 scores"));
  CHECK(Read(results(first + "," + first)) == Malformed("results[1].index is 0, and so is results[0].index"));
  CHECK(Read(results(R"({"index":0,"relevance_score":null})")) ==
        Malformed("results[0].relevance_score is not a finite number: null"));
  CHECK(Read(results("[]")) == Malformed("results[0] is not an object"));
  CHECK(Read(R"([{"index":0,"score":NaN}])", RerankApi::kTei) ==
        Malformed("[0].score is not a finite number: NaN"));
  CHECK(Read(R"({"data":[]})") == Malformed("results is missing"));
}

TEST_CASE("An error inside a 2xx ranking is the provider's", "[rerank]") {
  CHECK(Read(R"({"detail":"Insufficient balance"})") ==
        Lines{"provider_error \"Insufficient balance\"", "done"});
  CHECK(Read(R"({"message":"invalid api token"})", RerankApi::kCohereV2) ==
        Lines{"provider_error \"invalid api token\"", "done"});
}
