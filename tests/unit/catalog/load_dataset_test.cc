#include "llmdyno/catalog/load_dataset.h"

#include <filesystem>

#include "llmdyno/testing/simulated_transport.h"
#include "llmdyno/workload/aime_dataset.h"
#include "support/catch.h"
#include "unit/report/temporary_folder.h"

using namespace llmdyno;
using Catch::Matchers::Contains;

namespace {

// Loads configurations on a machine without a network.
class Bench {
 public:
  absl::StatusOr<DatasetRows> Load(const std::string& json) {
    auto config = ParseDatasetConfig(json, folder.path());
    CAPTURE(config.status().ToString());
    REQUIRE(config.ok());
    return Load(*config);
  }
  absl::StatusOr<DatasetRows> Load(const DatasetConfig& config) {
    said.clear();
    const RunSetting setting{catalog_, transport, clock_, diagnostics_};
    return LoadDataset(config, setting, *counter_);
  }

 private:
  SimulatedClock clock_;

 public:
  const TemporaryFolder folder;
  std::string said;
  SimulatedTransport transport{clock_, [](const HttpRequest&, int64_t) {
                                 SimulatedResponse response;
                                 response.status = 0;
                                 response.end = OutcomeClass::kDnsFailed;
                                 return response;
                               }};

 private:
  const Catalog catalog_ = MakeBuiltInCatalog();
  const std::unique_ptr<TokenCounter> counter_ = MakeEstimatingTokenCounter();
  const Diagnostics diagnostics_{
      [this](Severity, std::string_view text) { said += std::string(text) + "\n"; }};
};

}  // namespace

TEST_CASE("A file that a configuration names is loaded, and its notes are said", "[load_dataset]") {
  Bench bench;
  bench.folder.Write("p.csv", "prompt\nhello\n");
  const auto rows = bench.Load(R"({"source": {"path": "p.csv"}, "prompt_column": "prompt", "max_row": 1})");
  REQUIRE(rows.ok());
  CHECK(rows->rows.at(0).prompt == "hello");
  CHECK_THAT(bench.said, Contains("did you mean 'max_rows'?") && Contains("p.csv: 1 row"));
}

TEST_CASE("An export of a set is read by its split, and the hub left alone", "[load_dataset]") {
  Bench bench;
  std::filesystem::create_directories(bench.folder.File("squad/data"));
  bench.folder.Write("squad/data/train-00000-of-00002.jsonl", "{\"question\": \"a\"}\n");
  bench.folder.Write("squad/data/train-00001-of-00002.jsonl", "{\"question\": \"b\"}\n");
  bench.folder.Write("squad/data/test-00000-of-00001.jsonl", "{\"question\": \"c\"}\n");
  const std::string begin = R"({"source": {"type": "huggingface", "path": "squad")";
  const std::string end = R"(}, "prompt_column": "question"})";
  CHECK(bench.Load(begin + end)->rows.size() == 2);
  const auto test = bench.Load(begin + R"(, "huggingface_kwargs": {"split": "test"})" + end);
  REQUIRE(test.ok());
  CHECK(test->rows.at(0).prompt == "c");
  CHECK(bench.transport.sent().empty());
}

TEST_CASE("Without a network, the hub is said to be out of reach", "[load_dataset]") {
  Bench bench;
  ::setenv("HF_HOME", bench.folder.File("hf").c_str(), 1);
  ::unsetenv("HF_ENDPOINT");
  const auto rows = bench.Load(R"({"source": {"type": "huggingface", "path": "user/set",
      "huggingface_kwargs": {"revision": "v1"}}})");
  CHECK(absl::IsUnavailable(rows.status()));
  CHECK_THAT(std::string(rows.status().message()),
             Contains("the dataset 'user/set' cannot be fetched from https://datasets-server.huggingface.co: "
                      "simulated dns_failed; a folder with an export of it (Dataset.to_json) can be read"));
  CHECK_THAT(bench.said, Contains("has the newest revision only: 'v1'"));
  CHECK(bench.transport.sent().size() == 1);
  ::unsetenv("HF_HOME");
}

TEST_CASE("Contest problems come from the file that is named, from ./datasets, or from the hub",
          "[load_dataset]") {
  Bench bench;
  ::setenv("HF_HOME", bench.folder.File("hf").c_str(), 1);
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(bench.folder.path());
  const std::string json = R"({"source": {"type": "aime"}, "prompt_column": "Question"})";
  CHECK_FALSE(bench.Load(json).ok());
  REQUIRE(bench.transport.sent().size() == 1);
  CHECK_THAT(bench.transport.sent()[0].url, Contains("/splits?dataset=di-zhang-fire%2FAIME_1983_2024"));
  std::filesystem::create_directory(bench.folder.File("datasets"));
  bench.folder.Write("datasets/aime.csv", "ID,Question,Answer\n1,1+1?,2\n");
  const auto rows = bench.Load(json);
  const auto key = bench.Load(*MakeDatasetConfigOfKey("aime"));
  bench.folder.Write("mine.jsonl", "{\"problem\": \"2+2?\"}");
  const auto named = bench.Load(R"({"source": {"type": "aime", "path": "mine.jsonl"}})");
  std::filesystem::current_path(before);
  ::unsetenv("HF_HOME");
  REQUIRE(rows.ok());
  CHECK(rows->rows.at(0).prompt == std::string(kAimeInstruction) + "\n\n1+1?");
  REQUIRE(key.ok());
  CHECK(key->rows.at(0).prompt == rows->rows[0].prompt);
  REQUIRE(named.ok());
  CHECK(named->rows.at(0).prompt == std::string(kAimeInstruction) + "\n\n2+2?");
  CHECK(bench.transport.sent().size() == 1);
}

TEST_CASE("The prompts of a workload become rows", "[load_dataset]") {
  Bench bench;
  const auto rows = bench.Load(
      R"({"source": {"type": "custom", "workload": "random:input_len=50,output_len=9"}, "max_rows": 20,
          "prompt_template": "Repeat: {text}"})");
  REQUIRE(rows.ok());
  REQUIRE(rows->rows.size() == 20);
  for (const DatasetRow& row : rows->rows) CHECK_THAT(row.prompt, Catch::Matchers::StartsWith("Repeat: "));
  CHECK(rows->rows[0].prompt != rows->rows[1].prompt);
  const auto again = bench.Load(R"({"source": {"type": "custom", "path": "random:input_len=50"}})");
  REQUIRE(again.ok());
  CHECK(std::ssize(again->rows) == kUsualCustomRows);
  CHECK("Repeat: " + again->rows[0].prompt == rows->rows[0].prompt);  // the same ones each time
}

TEST_CASE("An unknown workload is refused with those that there are", "[load_dataset]") {
  Bench bench;
  const auto unknown = bench.Load(R"({"source": {"type": "custom", "workload": "randon"}})");
  CHECK(absl::IsNotFound(unknown.status()));
  CHECK_THAT(std::string(unknown.status().message()),
             Contains("unknown workload 'randon' (did you mean 'random'?); known are synthetic"));
  CHECK_FALSE(bench.Load(R"({"source": {"type": "custom", "workload": "random:length=5"}})").ok());
  const auto column = bench.Load(
      R"({"source": {"type": "custom", "workload": "synthetic"}, "prompt_template": "{question}"})");
  CHECK(column.status().message() ==
        "prompt_template: no column 'question'; the prompts of a workload have one column, 'text'");
}
