// Dialects by their names.
#include <memory>
#include <string>

#include "llmdyno/catalog/make_plan.h"
#include "llmdyno/testing/simulated_transport.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

RunSpec SpecOf(const std::string& dialect) {
  RunSpec spec;
  spec.dialect_name = dialect;
  spec.endpoint.url = *BaseUrl::Parse("http://server:8000/v1");
  spec.endpoint.model = "m";
  spec.workload.name = "synthetic";
  spec.workload.tokens = {20, 50};
  spec.load = ClosedLoopConfig{.users = 1};
  return spec;
}

std::string Refusal(const std::string& dialect) {
  const auto made = MakeDialect(SpecOf(dialect), MakeBuiltInCatalog(), Diagnostics());
  return made.ok() ? "" : std::string(made.status().message());
}

// Where a request goes, and what is sent there.
HttpRequest Encoded(const RunSpec& spec, const RequestBody& body) {
  const auto dialect = MakeDialect(spec, MakeBuiltInCatalog(), Diagnostics());
  INFO(dialect.status().ToString());
  REQUIRE(dialect.ok());
  Request request;
  request.body = body;
  HttpRequest http;
  REQUIRE((*dialect)->Encode(request, spec.endpoint, http).ok());
  return http;
}

}  // namespace

TEST_CASE("A dialect by its name sends what the request flags say", "[catalog]") {
  RunSpec spec = SpecOf("openai");
  spec.dialect.ignore_eos = true;
  CHECK(Encoded(spec, ChatBody{{{"user", "x"}}}).body.find("\"ignore_eos\":true") != std::string::npos);
  spec = SpecOf("embeddings:api=tei");
  spec.dialect.extra_body_json = R"({"truncate":true})";
  const HttpRequest tei = Encoded(spec, EmbeddingBody{{"x"}});
  CHECK(tei.url == "http://server:8000/embed");
  CHECK(tei.body.find("\"truncate\":true") != std::string::npos);
  const HttpRequest vectors =
      Encoded(SpecOf("embeddings:encoding_format=base64,dimensions=256"), EmbeddingBody{{"x"}});
  CHECK(vectors.body.find("\"encoding_format\":\"base64\"") != std::string::npos);
  CHECK(vectors.body.find("\"dimensions\":256") != std::string::npos);
  CHECK(Encoded(SpecOf("rerank:api=cohere-v2"), RerankBody{"q", {"d"}}).url ==
        "http://server:8000/v2/rerank");
}

TEST_CASE("A dialect that is not known or cannot be told so is refused with a sentence", "[catalog]") {
  CHECK(Refusal("opanai") ==
        "unknown dialect 'opanai' (did you mean 'openai'?); known are openai, embeddings, rerank");
  CHECK(Refusal("openai:version=2").find("version") != std::string::npos);
  CHECK(Refusal("embeddings:api=openia") == "embeddings: api: expected openai or tei, got 'openia'");
  CHECK(Refusal("embeddings:encoding_format=int8") ==
        "embeddings: encoding_format: expected float or base64, got 'int8'");
  CHECK_FALSE(Refusal("embeddings:dimensions=0").empty());
  CHECK(Refusal("rerank:api=x") == "rerank: api: expected jina, cohere, cohere-v2, score or tei, got 'x'");
  CHECK(Refusal(":a=b").find("expected a name") != std::string::npos);
}

TEST_CASE("A plan is made in the dialect that the spec names, a host's own included", "[catalog]") {
  class Mine final : public Dialect {
   public:
    std::string_view name() const override { return "mine"; }
    absl::Status Encode(const Request&, const Endpoint&, HttpRequest&) const override {
      return absl::OkStatus();
    }
    std::unique_ptr<ResponseDecoder> NewDecoder() const override { return nullptr; }
    bool streams() const override { return false; }
  };
  Catalog catalog = MakeBuiltInCatalog();
  std::string heard;
  const auto make = [&](const Params& params,
                        const DialectContext& context) -> absl::StatusOr<std::shared_ptr<const Dialect>> {
    heard = context.spec.endpoint.model;
    if (params.settings.empty()) return std::shared_ptr<const Dialect>();
    return std::make_shared<const Mine>();
  };
  REQUIRE(catalog.dialects.Add({"mine", "of a host", make}).ok());
  SimulatedClock clock;
  SimulatedTransport transport(clock, [](const HttpRequest&, int64_t) { return StreamedChat({}); });
  const auto counter = MakeEstimatingTokenCounter();
  const Diagnostics quiet;
  const auto plan = MakePlan(SpecOf("mine:version=2"), {catalog, transport, clock, quiet}, *counter);
  INFO(plan.status().ToString());
  REQUIRE(plan.ok());
  CHECK(plan->dialect->name() == "mine");
  CHECK(heard == "m");
  // A factory that makes nothing is told, and not followed.
  CHECK(MakeDialect(SpecOf("mine"), catalog, quiet).status().message() == "dialect 'mine' made nothing");
}

TEST_CASE("A spec with a malformed dialect name is not valid", "[catalog]") {
  RunSpec spec = SpecOf("openai:stream");
  CHECK(spec.Validate().message() == "'openai:stream': expected key=value where 'stream' stands");
}
