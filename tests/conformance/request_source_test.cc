// Every workload keeps to the rules of request sources, and the check finds those that do not.
#include "llmdyno/testing/request_source_conformance.h"

#include "llmdyno/catalog/catalog.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

using Sentences = std::vector<std::string>;

// A source made of one function.
class FunctionSource final : public RequestSource {
 public:
  using Script = std::function<NextRequest(TimePoint now, int64_t call)>;
  explicit FunctionSource(Script script) : script_(std::move(script)) {}
  NextRequest Next(TimePoint now) override { return script_(now, calls_++); }

 private:
  Script script_;
  int64_t calls_ = 0;
};

MakeRequestSource Of(const FunctionSource::Script& script) {
  return [=] { return std::make_unique<FunctionSource>(script); };
}

Request Question(int64_t id, const std::string& text = "?") {
  Request request;
  request.id = id;
  request.body = ChatBody{{{"user", text}}};
  return request;
}

}  // namespace

TEST_CASE("Every built-in workload keeps to the rules", "[conformance]") {
  const Catalog catalog = MakeBuiltInCatalog();
  const std::map<std::string, std::string> files = {{"dolly", "dolly.jsonl"},
                                                    {"sharegpt", "sharegpt.jsonl"},
                                                    {"billsum", "billsum.jsonl"},
                                                    {"file", "conversations.json"},
                                                    {"trace", "trace.jsonl"},
                                                    {"custom", "custom.jsonl"},
                                                    {"sharegpt-serving", "sharegpt_array.json"}};
  for (const std::string& name : catalog.workloads.Names()) {
    DYNAMIC_SECTION(name) {
      WorkloadSpec spec;
      spec.name = name;
      spec.tokens = {1, 100'000};
      if (name == "synthetic") spec.tokens = {20, 50};
      if (files.contains(name)) spec.path = std::string(LLMDYNO_TEST_DATA) + "/datasets/" + files.at(name);
      const auto counter = MakeEstimatingTokenCounter();
      const Diagnostics quiet;
      const auto make = [&]() -> std::unique_ptr<RequestSource> {
        auto source = catalog.workloads.Make(*Params::Parse(name), {spec, *counter, Rng(5), quiet});
        INFO(source.status().ToString());
        REQUIRE(source.ok());
        return *std::move(source);
      };
      CHECK(CheckRequestSource(make) == Sentences());
    }
  }
}

TEST_CASE("A source that breaks a rule is told which", "[conformance]") {
  CHECK(CheckRequestSource(Of([](TimePoint, int64_t) { return Exhausted{}; })) ==
        Sentences{"it gives no request at all"});
  CHECK(CheckRequestSource(Of([](TimePoint, int64_t call) { return Question(call / 2); })) ==
        Sentences{"request ids do not count up from 0"});
  CHECK(CheckRequestSource(Of([](TimePoint, int64_t call) { return Question(call, ""); })) ==
        Sentences{"a request has an empty prompt"});
  CHECK(CheckRequestSource(Of([](TimePoint now, int64_t call) {
          return Question(call, std::to_string(now.time_since_epoch().count()));
        })) == Sentences{"the sequence depends on how fast requests are drawn"});
  CHECK(CheckRequestSource(Of([n = 0](TimePoint, int64_t call) mutable {
          return Question(call, std::to_string(++n));
        })).empty());
  CHECK(CheckRequestSource(Of([](TimePoint now, int64_t call) -> NextRequest {
          if (call == 3) return NotBefore{now};
          return Question(call);
        })) == Sentences{"NotBefore names an instant that is not in the future"});
  CHECK(CheckRequestSource(Of([](TimePoint, int64_t call) -> NextRequest {
          if (call == 3) return Exhausted{};
          return Question(call > 3 ? call - 1 : call);
        })) == Sentences{"once exhausted it gives something again"});
  CHECK(CheckRequestSource(Of([](TimePoint, int64_t call) -> NextRequest {
          if (call == 0) return AwaitResponse{};
          return Question(call - 1);
        }))[0] == "it awaits a response while no request is under way");
}

TEST_CASE("A source that gives another sequence each time is found out", "[conformance]") {
  int64_t sources = 0;
  const auto make = [&] {
    const std::string text = "source " + std::to_string(sources++);
    return std::make_unique<FunctionSource>([=](TimePoint, int64_t call) { return Question(call, text); });
  };
  CHECK(CheckRequestSource(make).at(0) == "the same seed gives another sequence");
}
