// The workloads that send files, and those that users of vLLM know, as a command line reaches them.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "llmdyno/catalog/catalog.h"
#include "support/catch.h"

using namespace llmdyno;
using Catch::Matchers::Contains;
using Catch::Matchers::Matches;

namespace {

std::string DataFile(const std::string& name) { return std::string(LLMDYNO_TEST_DATA) + "/datasets/" + name; }

// One catalog, and what its workloads said.
class Bench {
 public:
  absl::StatusOr<std::unique_ptr<RequestSource>> Make(const std::string& text,
                                                      const WorkloadSpec& spec = {}) {
    notes.clear();
    warnings.clear();
    return catalog_.workloads.Make(*Params::Parse(text), {spec, *counter_, Rng(1), diagnostics_});
  }
  std::string ProblemOf(const std::string& text, const WorkloadSpec& spec = {}) {
    return std::string(Make(text, spec).status().message());
  }

  std::vector<std::string> notes;
  std::vector<std::string> warnings;

 private:
  const Catalog catalog_ = MakeBuiltInCatalog();
  const std::unique_ptr<TokenCounter> counter_ = MakeEstimatingTokenCounter();
  const Diagnostics diagnostics_{[this](Severity severity, std::string_view text) {
    (severity == Severity::kNote ? notes : warnings).emplace_back(text);
  }};
};

Request NextOf(const std::unique_ptr<RequestSource>& source) {
  NextRequest next = source->Next(TimePoint());
  REQUIRE(std::holds_alternative<Request>(next));
  return std::get<Request>(std::move(next));
}

}  // namespace

TEST_CASE("A file of any known format is sent, and what was read of it is noted", "[catalog]") {
  Bench bench;
  for (const auto& [file, prompt] : std::vector<std::pair<std::string, std::string>>{
           {"conversations.json", "And at 2,000 metres?"},
           {"sharegpt.jsonl", "And for a week?"},
           {"messages.jsonl", "Name a river."},
           {"custom.jsonl", "Write a short letter to a lighthouse keeper."},
           {"prompts.csv", "Write a line about rain,\nand one about \"snow\"."}}) {
    CAPTURE(file);
    auto source = bench.Make("file:path=" + DataFile(file));
    REQUIRE(source.ok());
    CHECK(PromptText(NextOf(*source)) == prompt);
    CHECK(bench.notes.size() == 1);
  }
  REQUIRE(bench.Make("file:path=" + DataFile("conversations.json")).ok());
  CHECK_THAT(bench.notes.at(0),
             Matches("conversations\\.json: 3 conversations, 1 skipped \\(the first: row 3: no messages\\), "
                     "read in 0\\.\\d s"));
}

TEST_CASE("A trace may be named as such or as a file", "[catalog]") {
  Bench bench;
  for (const char* name : {"trace", "file"}) {
    auto source = bench.Make(name + (":path=" + DataFile("trace.jsonl")));
    REQUIRE(source.ok());
    CHECK(NextOf(*source).max_output_tokens == 52);
    CHECK_THAT(bench.notes.at(0), Contains("4 requests of a trace, 3,410 tokens in, 386 out"));
  }
}

TEST_CASE("The levels of a series load their file once, unless it was changed", "[catalog]") {
  std::string path = (std::filesystem::temp_directory_path() / "llmdyno-test-XXXXXX").string();
  const int fd = ::mkstemp(path.data());
  REQUIRE(fd >= 0);
  ::close(fd);
  std::ofstream(path) << "{\"prompt\": \"a\"}\n";
  Bench bench;
  CHECK(PromptText(NextOf(*bench.Make("file:path=" + path))) == "a");
  CHECK(bench.notes.size() == 1);
  CHECK(PromptText(NextOf(*bench.Make("file:path=" + path))) == "a");  // from the first again
  CHECK(bench.notes.empty());
  std::ofstream(path) << "{\"prompt\": \"another\"}\n";
  CHECK(PromptText(NextOf(*bench.Make("file:path=" + path))) == "another");
  CHECK(bench.notes.size() == 1);
  CHECK(bench.Make("file:format=text,path=" + path).ok());
  CHECK(bench.notes.size() == 1);
  std::filesystem::remove(path);
}

TEST_CASE("A custom file's own answer lengths count, unless one is given for all", "[catalog]") {
  Bench bench;
  WorkloadSpec spec;
  spec.path = DataFile("custom.jsonl");
  spec.request.max_output_tokens = 77;
  const auto limits = [&](const std::string& text) {
    auto source = bench.Make(text, spec).value();
    std::vector<int64_t> found;
    for (int i = 0; i < 3; ++i) found.push_back(NextOf(source).max_output_tokens.value());
    return found;
  };
  CHECK(limits("custom") == std::vector<int64_t>{120, 16, 77});
  CHECK(limits("custom:output_len=9") == std::vector<int64_t>{9, 9, 9});
  CHECK(limits("file") == std::vector<int64_t>{77, 77, 77});
}

TEST_CASE("The serving workloads prepare as many requests as the spec says", "[catalog]") {
  Bench bench;
  WorkloadSpec spec;
  spec.requests = 3;
  spec.request.body = PromptBody::kCompletion;
  for (const char* text :
       {"random:input_len=40,output_len=7", "sonnet:input_len=90,prefix_len=50,output_len=7"}) {
    auto source = bench.Make(text, spec).value();
    const Request first = NextOf(source);
    CHECK(first.max_output_tokens == 7);
    CHECK(std::holds_alternative<CompletionBody>(first.body));
    NextOf(source);
    NextOf(source);
    CHECK(PromptText(NextOf(source)) == PromptText(first));
    CHECK_THAT(bench.notes.at(0), Contains("3 prompts of "));
    CHECK_THAT(bench.notes.at(0), Contains("(estimated)"));
  }
}

TEST_CASE("No system prompt goes before the prompts of a serving workload", "[catalog]") {
  Bench bench;
  WorkloadSpec spec;
  spec.requests = 1;
  const Request request = NextOf(bench.Make("random:input_len=40", spec).value());
  CHECK(std::get<ChatBody>(request.body).messages.size() == 1);
}

TEST_CASE("Too few ShareGPT conversations repeat with a warning", "[catalog]") {
  Bench bench;
  WorkloadSpec spec;
  spec.requests = 10;
  spec.path = DataFile("sharegpt_array.json");
  REQUIRE(bench.Make("sharegpt-serving", spec).ok());
  REQUIRE(bench.warnings.size() == 1);
  CHECK_THAT(bench.warnings[0], Contains("they repeat to make 10 requests"));
  const Request request = NextOf(bench.Make("sharegpt-serving:output_len=33", spec).value());
  CHECK(request.max_output_tokens == 33);
}

TEST_CASE("What is wrong with a file or a setting is said by name", "[catalog]") {
  Bench bench;
  for (const char* name : {"file", "trace", "custom", "sharegpt-serving"}) {
    CHECK_THAT(bench.ProblemOf(name), Contains("file is named: expected path=FILE"));
    CHECK_THAT(bench.ProblemOf(name + std::string(":path=/no/such/file")), Contains("/no/such/file"));
    CHECK_THAT(bench.ProblemOf(name + std::string(":colour=red")), Contains("colour"));
  }
  CHECK_THAT(bench.ProblemOf("random:input_len=0"), Contains("input_len is 0"));
  CHECK_THAT(bench.ProblemOf("random:input_len=x"), Contains("input_len"));
  CHECK_THAT(bench.ProblemOf("sonnet:input_len=100"), Contains("expected more than prefix_len"));
  CHECK_THAT(bench.ProblemOf("custom:output_len=-1,path=x"), Contains("output_len is -1"));
  CHECK_THAT(bench.ProblemOf("file:format=jsonl,path=x"), Contains("unknown dataset format 'jsonl'"));
  CHECK_THAT(bench.ProblemOf("trace:path=" + DataFile("custom.jsonl")),
             Contains("row 1: no field 'input_length'"));
}
