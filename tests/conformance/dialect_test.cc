// Every dialect keeps to the rules of dialects, and the check finds those that do not.
#include "llmdyno/testing/dialect_conformance.h"

#include <map>

#include "llmdyno/catalog/make_plan.h"
#include "llmdyno/dialect/embeddings_dialect.h"
#include "llmdyno/dialect/openai_dialect.h"
#include "llmdyno/dialect/rerank_dialect.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

using Sentences = std::vector<std::string>;

Request Chat() {
  Request request;
  request.body = ChatBody{{{"system", "Be brief."}, {"user", "Hello\r\n\"there\" é"}}};
  request.max_output_tokens = 10;
  return request;
}

Request Completion() {
  Request request;
  request.body = CompletionBody{"Once upon a time"};
  return request;
}

Request WithPicture() {
  Request request;
  request.body = ChatBody{{{"user",
                            "What is this?",
                            {std::make_shared<const std::string>("data:image/png;base64,iVBORw0KGgo=")}}}};
  request.model = "adapter";
  return request;
}

Request TokenIds() {
  Request request;
  request.body = TokenIdsBody{{1, 2, 3}};
  request.min_output_tokens = 4;
  return request;
}

Request Embedding() {
  Request request;
  request.body = EmbeddingBody{{"one\r\n", "two é"}};
  return request;
}

Request Rerank() {
  Request request;
  request.body = RerankBody{"which?", {"one", "two"}};
  request.model = "adapter";
  return request;
}

const std::string kChatStream =
    ": hello\n\n"
    "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"
    "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi \xC3\xA9\"}}]}\n\n"
    "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" you\"}}]}\r\n\r\n"
    "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":2}}\n\n"
    "data: [DONE]\n\n";
const std::string kCompletionStream =
    "data: {\"choices\":[{\"index\":0,\"text\":\" there\"}]}\n\ndata: {\"choices\":[{\"text\":\" "
    "was\",\"finish_reason\":\"length\"}]}\n\n"
    "data: [DONE]\n\n";
const std::string kWhole =
    R"({"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],"usage":{"completion_tokens":1}})";

// Passes everything on to the real dialect; a test overrides what it wants to break.
class BrokenDialect : public Dialect {
 public:
  std::string_view name() const override { return real_->name(); }
  absl::Status Encode(const Request& request, const Endpoint& endpoint, HttpRequest& http) const override {
    return real_->Encode(request, endpoint, http);
  }
  std::unique_ptr<ResponseDecoder> NewDecoder() const override { return real_->NewDecoder(); }
  bool streams() const override { return true; }

 private:
  std::unique_ptr<Dialect> real_ = *MakeOpenAiDialect({});
};

bool Mentions(const Sentences& sentences, std::string_view words) {
  for (const std::string& sentence : sentences) {
    if (sentence.find(words) != std::string::npos) return true;
  }
  return false;
}

const DialectSamples kChatSamples = {
    {Chat()}, {Completion()}, {{"text/event-stream", kChatStream}, {"application/json", kWhole}}};

}  // namespace

TEST_CASE("Every dialect of the catalog keeps to the rules as it is made by its name", "[conformance]") {
  const DialectSamples embeddings = {
      {Embedding()},
      {Chat(), Rerank()},
      {{"application/json", R"({"data":[{"index":0,"embedding":[0.25,1]},{"index":1,"embedding":[1,0]}]})"}}};
  const DialectSamples rerank = {
      {Rerank()},
      {Chat(), Embedding()},
      {{"application/json",
        R"({"results":[{"index":1,"relevance_score":0.9},{"index":0,"relevance_score":-3}]})"}}};
  // A new one needs samples here.
  const std::map<std::string, DialectSamples> samples = {
      {"openai", kChatSamples}, {"embeddings", embeddings}, {"rerank", rerank}};
  const Catalog catalog = MakeBuiltInCatalog();
  for (const std::string& name : catalog.dialects.Names()) {
    DYNAMIC_SECTION(name) {
      REQUIRE(samples.contains(name));
      RunSpec spec;
      spec.dialect_name = name;
      const auto dialect = MakeDialect(spec, catalog, Diagnostics());
      REQUIRE(dialect.ok());
      CHECK(CheckDialect(**dialect, samples.at(name)) == Sentences());
    }
  }
}

TEST_CASE("The OpenAI dialect keeps to the rules on both routes, with streams and without", "[conformance]") {
  for (const OpenAiRoute route : {OpenAiRoute::kChatCompletions, OpenAiRoute::kCompletions}) {
    for (const bool stream : {true, false}) {
      const bool is_chat = route == OpenAiRoute::kChatCompletions;
      const auto dialect =
          MakeOpenAiDialect({.route = route, .stream = stream, .extra_body_json = R"({"top_p":1})"});
      REQUIRE(dialect.ok());
      CHECK(CheckDialect(**dialect, {{is_chat ? Chat() : Completion(), is_chat ? WithPicture() : TokenIds()},
                                     {is_chat ? TokenIds() : Chat(), Embedding(), Rerank()},
                                     {{"text/event-stream", is_chat ? kChatStream : kCompletionStream},
                                      {"application/json", kWhole}}}) == Sentences());
    }
  }
}

TEST_CASE("The embeddings dialects keep to the rules", "[conformance]") {
  const std::vector<Request> refused = {Chat(), Completion(), TokenIds(), Rerank()};
  const std::string usage = R"("usage":{"prompt_tokens":4,"total_tokens":4})";
  CHECK(CheckDialect(**MakeEmbeddingsDialect({.dimensions = 2, .extra_body_json = R"({"user":"me"})"}),
                     {{Embedding()},
                      refused,
                      {{"application/json", R"({"data":[{"index":0,"embedding":[0.25,-1e-3]},)"
                                            R"({"index":1,"embedding":[1,0]}],)" +
                                                usage + "}"},
                       {"application/json", "{" + usage + R"(,"data":[{"embedding":"AAAAPwAAAMA="}]})"}}}) ==
        Sentences());
  CHECK(CheckDialect(**MakeEmbeddingsDialect({.api = EmbeddingsApi::kTei}),
                     {{Embedding()}, refused, {{"application/json", "[[0.25,-1e-3],[1,0]]"}}}) ==
        Sentences());
}

TEST_CASE("The rerank dialects keep to the rules", "[conformance]") {
  const std::vector<Request> refused = {Chat(), Completion(), TokenIds(), Embedding()};
  const std::string results =
      R"({"results":[{"index":1,"relevance_score":0.9},{"index":0,"relevance_score":-3}],)"
      R"("meta":{"tokens":{"input_tokens":5}}})";
  const std::string scores = R"({"data":[{"index":0,"score":0.5},{"index":1,"score":0.25}]})";
  const std::string list = R"([{"index":1,"score":0.9},{"index":0,"score":0.1}])";
  for (const auto& [api, body] :
       {std::pair{RerankApi::kJina, results}, std::pair{RerankApi::kCohereV2, results},
        std::pair{RerankApi::kScore, scores}, std::pair{RerankApi::kTei, list}}) {
    CHECK(CheckDialect(**MakeRerankDialect({.api = api}),
                       {{Rerank()}, refused, {{"application/json", body}}}) == Sentences());
  }
}

TEST_CASE("A dialect that leaves something behind or shows the key is found out", "[conformance]") {
  class Leaky final : public BrokenDialect {
   public:
    absl::Status Encode(const Request& request, const Endpoint& endpoint, HttpRequest& http) const override {
      const std::vector<HttpHeader> before = http.headers;
      const absl::Status status = BrokenDialect::Encode(request, endpoint, http);
      http.headers.insert(http.headers.end(), before.begin(), before.end());
      http.url += "?key=" + endpoint.api_key.Reveal();
      return status;
    }
  };
  const Sentences found = CheckDialect(Leaky(), kChatSamples);
  CHECK(Mentions(found, "replace everything in it"));
  CHECK(Mentions(found, "the key is also in the URL"));
}

TEST_CASE("A decoder that depends on the chunks, or remembers, is found out", "[conformance]") {
  // Takes each piece for a whole response of its own.
  class PieceWise final : public ResponseDecoder {
   public:
    explicit PieceWise(std::unique_ptr<ResponseDecoder> real) : real_(std::move(real)) {}
    void Begin(std::string_view content_type) override { content_type_ = content_type; }
    void Decode(std::string_view bytes, StreamEventSink& sink) override {
      real_->Begin(content_type_);
      real_->Decode(bytes, sink);
      real_->End(sink);
    }
    void End(StreamEventSink&) override {}
    std::unique_ptr<ResponseDecoder> NewSibling() override {
      return std::make_unique<PieceWise>(real_->NewSibling());
    }

   private:
    std::unique_ptr<ResponseDecoder> real_;
    std::string content_type_;
  };
  class Careless final : public BrokenDialect {
   public:
    std::unique_ptr<ResponseDecoder> NewDecoder() const override {
      return std::make_unique<PieceWise>(BrokenDialect::NewDecoder());
    }
  };
  const Sentences found = CheckDialect(Careless(), kChatSamples);
  CHECK(Mentions(found, "byte by byte"));
  CHECK(Mentions(found, "cut in two"));
}
