#include "llmdyno/catalog/catalog.h"

#include <map>
#include <set>

#include "support/catch.h"

using namespace llmdyno;

namespace {

absl::StatusOr<std::unique_ptr<RequestSource>> MakeWorkload(const std::string& text, WorkloadSpec spec,
                                                            std::vector<std::string>* notes = nullptr) {
  const Catalog catalog = MakeBuiltInCatalog();
  const auto counter = MakeEstimatingTokenCounter();
  const Diagnostics diagnostics([&](Severity, std::string_view note) {
    if (notes != nullptr) notes->emplace_back(note);
  });
  return catalog.workloads.Make(*Params::Parse(text), {spec, *counter, Rng(1), diagnostics});
}

std::string DataFile(const std::string& name) { return std::string(LLMDYNO_TEST_DATA) + "/datasets/" + name; }

WorkloadSpec AnyLength() {
  WorkloadSpec spec;
  spec.tokens = {1, 1'000'000};
  return spec;
}

}  // namespace

TEST_CASE("Every built-in workload has a name of its own and a line about itself", "[catalog]") {
  const Catalog catalog = MakeBuiltInCatalog();
  std::set<std::string> names;
  for (const auto& entry : catalog.workloads.entries()) {
    CHECK(names.insert(entry.name).second);
    CHECK_FALSE(entry.summary.empty());
    CHECK(entry.summary.find('\n') == std::string::npos);
  }
  CHECK(names == std::set<std::string>{"billsum", "custom", "dolly", "file", "random", "sharegpt",
                                       "sharegpt-serving", "sonnet", "synthetic", "trace"});
}

TEST_CASE("Every built-in arrival process has a name of its own and a line about itself", "[catalog]") {
  const Catalog catalog = MakeBuiltInCatalog();
  std::set<std::string> names;
  for (const auto& entry : catalog.arrivals.entries()) {
    CHECK(names.insert(entry.name).second);
    CHECK_FALSE(entry.summary.empty());
    CHECK(entry.summary.find('\n') == std::string::npos);
  }
  CHECK(names == std::set<std::string>{"constant", "gamma", "poisson", "trace"});
}

TEST_CASE("Every built-in dialect, sink and writer has a name of its own and a line about itself",
          "[catalog]") {
  const Catalog catalog = MakeBuiltInCatalog();
  const auto names = [](const auto& registry) {
    std::set<std::string> found;
    for (const auto& entry : registry.entries()) {
      CHECK(found.insert(entry.name).second);
      CHECK_FALSE(entry.summary.empty());
      CHECK(entry.summary.find('\n') == std::string::npos);
    }
    return found;
  };
  CHECK(names(catalog.dialects) == std::set<std::string>{"embeddings", "openai", "rerank"});
  CHECK(names(catalog.sinks) == std::set<std::string>{"failures", "prometheus"});
  CHECK(names(catalog.writers) == std::set<std::string>{"markdown"});
}

TEST_CASE("Every built-in workload can be made and gives a first request", "[catalog]") {
  const std::map<std::string, std::string> files = {{"synthetic", ""},
                                                    {"dolly", "dolly.jsonl"},
                                                    {"sharegpt", "sharegpt.jsonl"},
                                                    {"billsum", "billsum.jsonl"},
                                                    {"file", "conversations.json"},
                                                    {"trace", "trace.jsonl"},
                                                    {"custom", "custom.jsonl"},
                                                    {"sharegpt-serving", "sharegpt_array.json"},
                                                    {"random", ""},
                                                    {"sonnet", ""}};
  for (const std::string& name : MakeBuiltInCatalog().workloads.Names()) {
    WorkloadSpec spec = AnyLength();
    if (name == "synthetic") spec.tokens = {20, 40};
    if (!files.at(name).empty()) spec.path = DataFile(files.at(name));
    auto source = MakeWorkload(name, spec);
    INFO(name << ": " << source.status().ToString());
    REQUIRE(source.ok());
    const NextRequest next = (*source)->Next(TimePoint());
    REQUIRE(std::holds_alternative<Request>(next));
    CHECK(std::get<Request>(next).prompt_tokens.value_or(0) > 0);
  }
}

TEST_CASE("The file may be named within the workload's own words", "[catalog]") {
  CHECK(MakeWorkload("dolly:path=" + DataFile("dolly.jsonl"), AnyLength()).ok());
}

TEST_CASE("An unknown workload is told with the nearest name and the list", "[catalog]") {
  const auto source = MakeWorkload("doly", {});
  REQUIRE_FALSE(source.ok());
  CHECK(absl::IsNotFound(source.status()));
  CHECK(
      source.status().message() ==
      "unknown workload 'doly' (did you mean 'dolly'?); known are synthetic, dolly, sharegpt, billsum, file, "
      "trace, custom, sharegpt-serving, random, sonnet");
}

TEST_CASE("An unknown setting of a workload is refused by name", "[catalog]") {
  for (const char* text : {"synthetic:colour=red", "dolly:pth=x"}) {
    const auto source = MakeWorkload(text, AnyLength());
    REQUIRE_FALSE(source.ok());
    CHECK((source.status().message().find("colour") != std::string::npos ||
           source.status().message().find("pth") != std::string::npos));
  }
}

TEST_CASE("A missing file, and a range that nothing lies in, are the user's to know", "[catalog]") {
  WorkloadSpec spec = AnyLength();
  spec.path = "/no/such/file.jsonl";
  CHECK(MakeWorkload("dolly", spec).status().message().find("/no/such/file.jsonl") != std::string::npos);
  spec.path = DataFile("dolly.jsonl");
  spec.tokens = {900'000, 1'000'000};
  const auto source = MakeWorkload("dolly", spec);
  REQUIRE_FALSE(source.ok());
  CHECK(absl::IsInvalidArgument(source.status()));
}

TEST_CASE("What was read and what of it fits is noted", "[catalog]") {
  std::vector<std::string> notes;
  WorkloadSpec spec = AnyLength();
  spec.path = DataFile("dolly.jsonl");
  REQUIRE(MakeWorkload("dolly", spec, &notes).ok());
  REQUIRE_FALSE(notes.empty());
  CHECK(notes.back().find("prompts have") != std::string::npos);
}
