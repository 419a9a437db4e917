#include "catalog/plugin_guard.h"

#include <string>

#include "catalog/request_nonsense.h"
#include "llmdyno/catalog/plugin_loader.h"
#include "llmdyno/run/run_spec.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

// The faulty plugin, loaded, and what it makes.
struct Faulty {
  std::shared_ptr<PluginMonitor> monitor = std::make_shared<PluginMonitor>();
  PluginLoader loader{monitor};
  Catalog catalog;
  RunSpec spec;
  Diagnostics diagnostics;
  std::unique_ptr<TokenCounter> counter = MakeEstimatingTokenCounter();

  Faulty() { REQUIRE(loader.Load(LLMDYNO_TEST_PLUGINS "/libfaulty.so", catalog).ok()); }

  absl::StatusOr<std::unique_ptr<RequestSource>> Source(const std::string& how, int64_t after = 0) {
    return catalog.workloads.Make(Named(how, after),
                                  WorkloadContext{spec.workload, *counter, Rng(1), diagnostics});
  }
  static Params Named(const std::string& how, int64_t after) {
    return *Params::Parse("faulty:how=" + how + ",after=" + std::to_string(after));
  }
  std::string Sentence() const {
    const auto fault = monitor->fault();
    return fault ? ToString(*fault) : "";
  }
};

bool Holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("A source that misbehaves has no more requests, and the first fault names plugin, file and call",
          "[plugins]") {
  const auto [how, what] = GENERATE(table<std::string, std::string>({
      {"throws", "threw std::runtime_error: the rows are used up"},
      {"throws_int", "threw int"},
      {"no_messages", "without messages"},
      {"negative_limit", "max_output_tokens is -5: expected 1 or more"},
      {"far_ahead", "more than a year ahead"},
      {"awaits_nothing", "AwaitResponse although no request is under way"},
  }));
  CAPTURE(how);
  Faulty faulty;
  const auto source = faulty.Source(how);
  REQUIRE(source.ok());
  CHECK(std::holds_alternative<Exhausted>((*source)->Next(TimePoint())));
  CHECK(Holds(faulty.Sentence(), "plugin 'faulty'"));
  CHECK(Holds(faulty.Sentence(), "libfaulty.so"));
  CHECK(Holds(faulty.Sentence(), "RequestSource::Next"));
  CHECK(Holds(faulty.Sentence(), what));
  CHECK(std::holds_alternative<Exhausted>((*source)->Next(TimePoint())));
}

TEST_CASE("Ids that do not count up are a fault, as the run tells requests apart by them", "[plugins]") {
  Faulty faulty;
  const auto source = faulty.Source("same_id", 2);
  CHECK(std::holds_alternative<Request>((*source)->Next(TimePoint())));
  CHECK(std::holds_alternative<Request>((*source)->Next(TimePoint())));
  CHECK(std::holds_alternative<Exhausted>((*source)->Next(TimePoint())));
  CHECK(Holds(faulty.Sentence(), "the id 0: expected 2"));
}

TEST_CASE("NotBefore an instant that is past is let pass for a while, but not for ever", "[plugins]") {
  Faulty faulty;
  const auto source = faulty.Source("always_past");
  const TimePoint now(std::chrono::hours(1));
  int64_t answers = 0;
  while (std::holds_alternative<NotBefore>((*source)->Next(now))) ++answers;
  CHECK(answers == 999);
  CHECK(Holds(faulty.Sentence(), "past, 1000 times in a row"));
}

TEST_CASE("AwaitResponse is right while a request is under way, and wrong once all have ended", "[plugins]") {
  Faulty faulty;
  const auto source = faulty.Source("awaits_nothing", 1);
  REQUIRE(std::holds_alternative<Request>((*source)->Next(TimePoint())));
  CHECK(std::holds_alternative<AwaitResponse>((*source)->Next(TimePoint())));
  (*source)->OnFinished(RequestRecord());
  CHECK(std::holds_alternative<Exhausted>((*source)->Next(TimePoint())));
}

TEST_CASE("A request that the dialect cannot carry is the fault of the plugin that gave it", "[plugins]") {
  Faulty faulty;
  const auto source = faulty.Source("embeds");
  const NextRequest next = (*source)->Next(TimePoint());
  REQUIRE(std::holds_alternative<Request>(next));
  (*source)->OnRefused(std::get<Request>(next), absl::InvalidArgumentError("no embeddings here"));
  CHECK(Holds(faulty.Sentence(), "cannot carry: no embeddings here"));
}

TEST_CASE("A factory that throws or makes nothing is an error and a fault", "[plugins]") {
  Faulty faulty;
  CHECK(Holds(std::string(faulty.Source("factory_throws").status().message()), "no source today"));
  CHECK(Holds(faulty.Sentence(), "the factory of the workload 'faulty'"));
  Faulty other;
  CHECK(Holds(std::string(other.Source("factory_null").status().message()), "made nothing"));
  CHECK_FALSE(other.Sentence().empty());
}

TEST_CASE("Offsets that go back or are negative end the schedule", "[plugins]") {
  Faulty faulty;
  const std::string no_trace;
  const ArrivalSchedule schedule;
  const ArrivalContext context{schedule, Rng(1), no_trace, faulty.diagnostics};
  const auto back = faulty.catalog.arrivals.Make(Faulty::Named("goes_back", 2), context);
  CHECK((*back)->Next() == Duration::zero());
  CHECK((*back)->Next() == std::chrono::milliseconds(20));
  CHECK_FALSE((*back)->Next().has_value());
  CHECK_FALSE((*back)->Next().has_value());
  CHECK(Holds(faulty.Sentence(), "offsets that never go back"));
  Faulty other;
  const auto negative = other.catalog.arrivals.Make(Faulty::Named("negative", 0), context);
  CHECK_FALSE((*negative)->Next().has_value());
  CHECK(Holds(other.Sentence(), "before the start of the phase"));
}

TEST_CASE("A sink that throws gets no more records, and its Close says why", "[plugins]") {
  Faulty faulty;
  const RecordSinkContext context{"", TimePoint(), WallTime(), "{}", faulty.diagnostics};
  const auto sink = faulty.catalog.sinks.Make(Faulty::Named("throws", 1), context);
  REQUIRE(sink.ok());
  for (int i = 0; i < 3; ++i) (*sink)->OnRecord(RequestRecord());
  CHECK(Holds(faulty.Sentence(), "RecordSink::OnRecord"));
  CHECK(Holds(std::string((*sink)->Close().message()), "the rows are used up"));
}

TEST_CASE("A dialect that throws, or has no decoder, is at fault and reads nothing", "[plugins]") {
  Faulty faulty;
  const DialectContext context{faulty.spec, faulty.diagnostics};
  const auto dialect = faulty.catalog.dialects.Make(Faulty::Named("throws", 0), context);
  REQUIRE(dialect.ok());
  CHECK((*dialect)->name() == "faulty");
  HttpRequest http;
  const Request request{.id = 0, .body = ChatBody{{{"user", "hello"}}}};
  CHECK_FALSE((*dialect)->Encode(request, Endpoint(), http).ok());
  CHECK(Holds(faulty.Sentence(), "Dialect::Encode"));
  Faulty other;
  const auto mute = other.catalog.dialects.Make(Faulty::Named("no_decoder", 0), context);
  const auto decoder = (*mute)->NewDecoder();
  REQUIRE(decoder != nullptr);
  decoder->Begin("application/json");
  CHECK(decoder->NewSibling() != nullptr);
  CHECK(Holds(other.Sentence(), "Dialect::NewDecoder"));
}

TEST_CASE("Only the first fault is kept, and whoever asks later hears of it at once", "[plugins]") {
  PluginMonitor monitor;
  monitor.Report({"a", "a.so", "F", "failed"});
  monitor.Report({"b", "b.so", "G", "failed, too"});
  std::string heard;
  monitor.SetFaultCallback([&](const PluginFault& fault) { heard += fault.plugin; });
  CHECK(heard == "a");
  CHECK(ToString(*monitor.fault()) == "plugin 'a' (a.so): F failed");
}

TEST_CASE("Every kind of body is checked for what makes no sense", "[plugins]") {
  const auto nonsense = [](RequestBody body) {
    Request request;
    request.body = std::move(body);
    return NonsenseInRequest(request);
  };
  CHECK(nonsense(ChatBody{{{"user", "hello"}}}).empty());
  CHECK_FALSE(nonsense(ChatBody{{{"", "hello"}}}).empty());
  CHECK_FALSE(nonsense(ChatBody{{{"user", ""}}}).empty());
  CHECK_FALSE(nonsense(CompletionBody{}).empty());
  CHECK_FALSE(nonsense(TokenIdsBody{}).empty());
  CHECK(nonsense(TokenIdsBody{{1, -2}}) == "gave the token id -2: expected 0 or more");
  CHECK_FALSE(nonsense(EmbeddingBody{}).empty());
  CHECK_FALSE(nonsense(RerankBody{"query", {}}).empty());
  Request limits{.id = 0, .body = CompletionBody{"x"}};
  limits.max_output_tokens = 3;
  limits.min_output_tokens = 4;
  CHECK(NonsenseInRequest(limits) ==
        "gave a request whose min_output_tokens 4 is above its max_output_tokens 3");
}

}  // namespace
}  // namespace llmdyno
