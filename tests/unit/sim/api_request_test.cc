#include "sim/api_request.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

std::string Problem(ApiRoute route, std::string_view body) {
  return std::string(ParseApiRequest(route, body).status().message());
}

TEST_CASE("Prompt tokens are the words of all messages, strings and text parts alike", "[sim][api]") {
  const auto request = ParseApiRequest(ApiRoute::kChat, R"({"model":"m","messages":[
      {"role":"system","content":"be  brief\n"},
      {"role":"user","content":[{"type":"text","text":"what is this"},{"type":"image_url","image_url":{"url":"data:,"}}]},
      {"role":"assistant","content":null}]})");
  REQUIRE(request.ok());
  CHECK(request->prompt_tokens == 5);
  CHECK(request->images == 1);
  CHECK_FALSE(request->is_streaming);
  CHECK_FALSE(request->max_tokens.has_value());
}

TEST_CASE("Generation settings are read, null and absent being the same", "[sim][api]") {
  const auto request =
      ParseApiRequest(ApiRoute::kChat, R"({"model":"m","messages":[{"content":"x"}],"stream":true,
      "stream_options":{"include_usage":true,"continuous_usage_stats":true},"max_tokens":null,
      "max_completion_tokens":9,"min_tokens":3,"ignore_eos":true,"n":2,"temperature":0.7,"unknown":{}})");
  REQUIRE(request.ok());
  CHECK(request->is_streaming);
  CHECK(request->include_usage);
  CHECK(request->continuous_usage);
  CHECK(request->max_tokens == 9);
  CHECK(request->min_tokens == 3);
  CHECK(request->ignore_eos);
  CHECK(request->choices == 2);
}

TEST_CASE("Completions take text, a list of one text, or token ids, and end after 16 tokens by default",
          "[sim][api]") {
  CHECK(ParseApiRequest(ApiRoute::kCompletions, R"({"model":"m","prompt":"a b c"})")->prompt_tokens == 3);
  CHECK(ParseApiRequest(ApiRoute::kCompletions, R"({"model":"m","prompt":["a b"]})")->prompt_tokens == 2);
  CHECK(ParseApiRequest(ApiRoute::kCompletions, R"({"model":"m","prompt":[5,6,7,8]})")->prompt_tokens == 4);
  CHECK(ParseApiRequest(ApiRoute::kCompletions, R"({"model":"m","prompt":""})")->max_tokens == 16);
  CHECK_THAT(Problem(ApiRoute::kCompletions, R"({"model":"m","prompt":["a","b"]})"),
             Catch::Contains("one prompt per request"));
}

TEST_CASE("What is wrong with a body is said in a sentence", "[sim][api]") {
  CHECK_THAT(Problem(ApiRoute::kChat, "{\"model\":"), Catch::Contains("not valid JSON"));
  CHECK_THAT(Problem(ApiRoute::kChat, ""), Catch::Contains("not valid JSON"));
  CHECK_THAT(Problem(ApiRoute::kChat, "[]"), Catch::Contains("must be a JSON object"));
  CHECK_THAT(Problem(ApiRoute::kChat, R"({"messages":[{"content":"x"}]})"),
             Catch::Contains("model is missing"));
  CHECK_THAT(Problem(ApiRoute::kChat, R"({"model":"m"})"), Catch::Contains("messages must be a list"));
  CHECK_THAT(Problem(ApiRoute::kChat, R"({"model":"m","messages":[{"content":7}]})"),
             Catch::Contains("content of a message"));
  CHECK(Problem(ApiRoute::kChat, R"({"model":"m","messages":[{"content":"x"}],"max_tokens":0})") ==
        "max_tokens must be at least 1, got 0");
  CHECK(Problem(ApiRoute::kChat, R"({"model":"m","messages":[{"content":"x"}],"stream":"yes"})") ==
        "stream must be true or false");
  CHECK(Problem(ApiRoute::kCompletions, R"({"model":"m"})") == "prompt is missing");
  CHECK(Problem(ApiRoute::kEmbeddings, R"({"model":"m","input":[]})") == "input must not be empty");
  CHECK(Problem(ApiRoute::kEmbeddings, R"({"model":"m","input":"x","dimensions":65537})") ==
        "dimensions must be at most 65536, got 65537");
  CHECK(Problem(ApiRoute::kRerank, R"({"model":"m","documents":["a"]})") == "query is missing");
}

TEST_CASE("Embedding inputs are one text, several, or token ids", "[sim][api]") {
  const auto several = ParseApiRequest(ApiRoute::kEmbeddings,
                                       R"({"model":"m","input":["a b","c"],"encoding_format":"base64"})");
  REQUIRE(several.ok());
  CHECK(several->inputs == std::vector<std::string>{"a b", "c"});
  CHECK(several->prompt_tokens == 3);
  CHECK(several->wants_base64);
  CHECK(ParseApiRequest(ApiRoute::kEmbeddings, R"({"model":"m","input":[1,2,3]})")->prompt_tokens == 3);
  CHECK(ParseApiRequest(ApiRoute::kEmbeddings, R"({"model":"m","input":[[1,2],[3]]})")->inputs.size() == 2);
}

TEST_CASE("A reranked query counts once per document", "[sim][api]") {
  const auto request = ParseApiRequest(
      ApiRoute::kRerank, R"({"model":"m","query":"two words","documents":["a b c",{"text":"d"}],"top_n":1})");
  REQUIRE(request.ok());
  CHECK(request->prompt_tokens == 2 + 3 + 2 + 1);
  CHECK(request->top_n == 1);
}

TEST_CASE("An image part without a url is refused", "[sim][api]") {
  const auto body = [](const std::string& image) {
    return R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":)" + image +
           "}]}]}";
  };
  CHECK(ParseApiRequest(ApiRoute::kChat, body(R"({"url":"https://x.test/a.png"})")).ok());
  for (const char* image : {R"("https://x.test/a.png")", R"({"uri":"x"})", "null"}) {
    CHECK(Problem(ApiRoute::kChat, body(image)) ==
          "an image_url part must have an image_url object with a url");
  }
}

TEST_CASE("Images are described only where that is asked for", "[sim][api]") {
  const char* body = R"({"model":"m","messages":[{"role":"user","content":[
      {"type":"image_url","image_url":{"url":"data:,a"}},{"type":"image_url","image_url":{"url":"data:,b"}}]}]})";
  CHECK(ParseApiRequest(ApiRoute::kChat, body)->image_kinds.empty());
  const auto request = ParseApiRequest(ApiRoute::kChat, body, true);
  REQUIRE(request->image_kinds.size() == 2);
  CHECK(request->image_kinds[0].hash != request->image_kinds[1].hash);
}

TEST_CASE("The embed and rerank routes of text-embeddings-inference need no model", "[sim][api]") {
  const auto embed = ParseApiRequest(ApiRoute::kTeiEmbed, R"({"inputs":["a b","c"],"dimensions":8})");
  REQUIRE(embed.ok());
  CHECK(embed->inputs.size() == 2);
  CHECK(embed->dimensions == 8);
  CHECK(ParseApiRequest(ApiRoute::kTeiEmbed, R"({"inputs":"a b"})")->inputs.size() == 1);
  CHECK(Problem(ApiRoute::kTeiEmbed, R"({"input":["a"]})") == "inputs is missing");
  const auto rerank = ParseApiRequest(ApiRoute::kRootRerank, R"({"query":"q","texts":["a","b"]})");
  REQUIRE(rerank.ok());
  CHECK(rerank->route == ApiRoute::kTeiRerank);
  CHECK_FALSE(rerank->returns_documents);
}

TEST_CASE("A rerank at the root with documents is vLLM's, and top_n 0 means all", "[sim][api]") {
  const auto request =
      ParseApiRequest(ApiRoute::kRootRerank, R"({"model":"m","query":"q","documents":["a"],"top_n":0})");
  REQUIRE(request.ok());
  CHECK(request->route == ApiRoute::kRerank);
  CHECK_FALSE(request->top_n.has_value());
  CHECK(request->returns_documents);
  CHECK(Problem(ApiRoute::kRootRerank, R"({"query":"q","documents":["a"]})") ==
        "model is missing: expected the name of a model");
}

TEST_CASE("Tokenizing needs no model and gives the same word the same id", "[sim][api]") {
  const auto request = ParseApiRequest(ApiRoute::kTokenize, R"({"prompt":"to be or not to be"})");
  REQUIRE(request.ok());
  REQUIRE(request->token_ids.size() == 6);
  CHECK(request->token_ids[0] == request->token_ids[4]);
  CHECK(request->token_ids[0] != request->token_ids[1]);
}

}  // namespace
}  // namespace llmdyno
