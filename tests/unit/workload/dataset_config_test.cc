#include "llmdyno/workload/dataset_config.h"

#include <filesystem>

#include "support/catch.h"
#include "unit/report/temporary_folder.h"

using namespace llmdyno;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

std::string ProblemOf(std::string_view json) {
  const auto config = ParseDatasetConfig(json, "");
  CHECK(absl::IsInvalidArgument(config.status()));
  return std::string(config.status().message());
}

// The current directory for the length of a test.
class CurrentDirectory {
 public:
  explicit CurrentDirectory(const std::string& path) : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(path);
  }
  ~CurrentDirectory() { std::filesystem::current_path(before_); }
  CurrentDirectory(const CurrentDirectory&) = delete;
  CurrentDirectory& operator=(const CurrentDirectory&) = delete;

 private:
  const std::filesystem::path before_;
};

}  // namespace

TEST_CASE("Every key of a configuration is read, and the whole object kept", "[dataset_config]") {
  const std::string json = R"({
  "source": {
    "type": "huggingface",
    "path": "rajpurkar/squad",
    "huggingface_kwargs": {"split": "validation", "name": "plain_text", "revision": "main",
                           "streaming": true, "trust_remote_code": false}
  },
  "prompt_column": "question",
  "image_column": "picture",
  "prompt_template": "{context} {question}",
  "description": "reading",
  "max_rows": 50,
  "owner": {"team": "speed"}
})";
  const auto config = ParseDatasetConfig("\xef\xbb\xbf\n" + json + "\n\n", "");
  REQUIRE(config.ok());
  CHECK(config->source == DatasetSource::kHuggingFace);
  CHECK(config->path == "rajpurkar/squad");
  CHECK_FALSE(config->is_local);
  CHECK(config->split == "validation");
  CHECK(config->subset == "plain_text");
  CHECK(config->revision == "main");
  CHECK(config->prompt_column == "question");
  CHECK(config->image_column == "picture");
  CHECK(config->prompt_template == "{context} {question}");
  CHECK(config->description == "reading");
  CHECK(config->max_rows == 50);
  CHECK(config->json == json);
  CHECK(config->notes ==
        std::vector<std::string>{"ignored in huggingface_kwargs: streaming, trust_remote_code"});
}

TEST_CASE("A configuration that says little means a file with a column 'text'", "[dataset_config]") {
  const auto config = ParseDatasetConfig(
      R"({"source": {"path": "/data/p.txt"}, "image_column": null, "max_rows": null})", "");
  REQUIRE(config.ok());
  CHECK(config->source == DatasetSource::kFile);
  CHECK(config->path == "/data/p.txt");
  CHECK(config->file_format.empty());
  CHECK(config->prompt_column == "text");
  CHECK(config->image_column.empty());
  CHECK_FALSE(config->max_rows);
  CHECK(config->notes.empty());
}

TEST_CASE("A custom source names a workload, with its key or as the path", "[dataset_config]") {
  for (const char* json : {R"({"source": {"type": "custom", "workload": "random:input_len=512"}})",
                           R"({"source": {"type": "custom", "path": "random:input_len=512"}})"}) {
    const auto config = ParseDatasetConfig(json, "/somewhere");
    REQUIRE(config.ok());
    CHECK(config->source == DatasetSource::kCustom);
    CHECK(config->path == "random:input_len=512");
  }
}

TEST_CASE("Each mistake has a sentence that names the key and what is accepted", "[dataset_config]") {
  const std::string the = "the dataset configuration: ";
  CHECK(ProblemOf("") == the + "it is empty: expected a JSON object");
  CHECK_THAT(ProblemOf("{\n  \"source\": {,\n}"), StartsWith(the + "not JSON: line 2, column 14: "));
  CHECK_THAT(ProblemOf("{\"a\": \"\xff\"}"), StartsWith(the + "not JSON: line 1, column 8: "));
  CHECK(ProblemOf("[]") ==
        the + "expected an object, got a list; a dataset itself is named with source.path");
  CHECK(ProblemOf(R"({"source": "x.csv"})") == the + "source: expected an object, got a string");
  CHECK(ProblemOf(R"({"source": {"path": 7}})") == the + "source.path: expected a string, got a number");
  CHECK(ProblemOf(R"({"source": {"path": "x", "huggingface_kwargs": []}})") ==
        the + "source.huggingface_kwargs: expected an object, got a list");
  CHECK(ProblemOf(R"({"source": {"path": "x", "huggingface_kwargs": {"split": ["a"]}}})") ==
        the + "source.huggingface_kwargs.split: expected a string, got a list");
  CHECK(ProblemOf(R"({"source": {"path": "x"}, "prompt_column": true})") ==
        the + "prompt_column: expected a string, got true or false");
  CHECK(ProblemOf(R"({"source": {"path": "x"}, "prompt_column": ""})") ==
        the + "prompt_column is empty: expected the name of a column");
  CHECK(ProblemOf(R"({"source": {"path": "x"}, "max_rows": "9"})") ==
        the + "max_rows: expected a whole number from 1, got a string");
  CHECK(ProblemOf(R"({"source": {"path": "x"}, "max_rows": 0})") ==
        the + "max_rows: expected a whole number from 1, got 0");
  CHECK(ProblemOf(R"({"source": {"path": "x"}, "max_rows": 1.5})") ==
        the + "max_rows: expected a whole number from 1, got 1.5");
  CHECK(ProblemOf(R"({"source": {"path": "x"}, "prompt_template": "{a"})") ==
        the + "prompt_template, character 1: this '{' is not closed; write '{{' for the brace itself");
  CHECK(
      ProblemOf(R"({"source": {"type": "hugingface", "path": "x"}})") ==
      the +
          "source.type 'hugingface' is not known (did you mean 'huggingface'?); known are file, huggingface, "
          "aime, custom");
  CHECK(ProblemOf(R"({"source": {"path": "x", "file_format": "parquet"}})") ==
        the + "source.file_format 'parquet' is not known; known are csv, txt, json, jsonl");
  CHECK(ProblemOf("{}") == the + "source.path is missing: expected the path of a file");
  CHECK_THAT(ProblemOf(R"({"source": {"type": "huggingface"}})"), Contains("source.path is missing"));
  CHECK_THAT(ProblemOf(R"({"source": {"type": "custom"}})"), Contains("source.workload is missing"));
}

TEST_CASE("Keys that look mistyped are pointed out, others are nobody's business", "[dataset_config]") {
  const auto config = ParseDatasetConfig(
      R"({"source": {"path": "x", "file_formt": "csv"}, "promt_column": "a", "ticket": 7})", "");
  REQUIRE(config.ok());
  CHECK(config->notes == std::vector<std::string>{
                             "the key 'source.file_formt' means nothing (did you mean 'source.file_format'?)",
                             "the key 'promt_column' means nothing (did you mean 'prompt_column'?)"});
}

TEST_CASE("A relative path counts from the folder of the configuration", "[dataset_config]") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.File("configs"));
  const std::string data = folder.Write("prompts.csv", "prompt\nhello\n");
  const std::string path = folder.Write("configs/csv.json", R"({"source": {"path": "../prompts.csv"}})");
  const auto config = ReadDatasetConfig(path);
  REQUIRE(config.ok());
  CHECK(config->path == data);
  CHECK(config->notes.empty());
}

TEST_CASE("A path that only the current directory has is taken from there, with a note", "[dataset_config]") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.File("configs"));
  folder.Write("prompts.csv", "prompt\nhello\n");
  const std::string path = folder.Write("configs/csv.json", R"({"source": {"path": "prompts.csv"}})");
  const CurrentDirectory here(folder.path());
  const auto config = ReadDatasetConfig(path);
  REQUIRE(config.ok());
  CHECK(config->path == "prompts.csv");
  REQUIRE(config->notes.size() == 1);
  CHECK_THAT(config->notes[0], Contains("the one in the current directory is read"));
  std::filesystem::remove(folder.File("prompts.csv"));
  // Where neither is, the error to come names the place that is meant.
  CHECK(ReadDatasetConfig(path)->path == folder.File("configs/prompts.csv"));
}

TEST_CASE("A set of the hub keeps its name unless a folder of that name lies here", "[dataset_config]") {
  const TemporaryFolder folder;
  const std::string path = folder.Write(
      "hub.json", R"({"source": {"type": "huggingface", "path": "squad", "huggingface_kwargs": {}}})");
  CHECK(ReadDatasetConfig(path)->path == "squad");
  std::filesystem::create_directory(folder.File("squad"));
  const auto config = ReadDatasetConfig(path);
  CHECK(config->is_local);
  CHECK(config->path == folder.File("squad"));
}

TEST_CASE("A configuration that cannot be read names the file", "[dataset_config]") {
  const TemporaryFolder folder;
  CHECK(ReadDatasetConfig(folder.File("none.json")).status().message() ==
        "cannot read the dataset configuration '" + folder.File("none.json") +
            "': No such file or directory");
  CHECK_THAT(std::string(ReadDatasetConfig(folder.path()).status().message()), Contains(folder.path()));
  const std::string bad = folder.Write("bad.json", "{");
  CHECK_THAT(std::string(ReadDatasetConfig(bad).status().message()),
             StartsWith("the dataset configuration '" + bad + "': not JSON: line 1, column 2: "));
}

TEST_CASE("A dataset key is 'aime' or a file", "[dataset_config]") {
  const auto aime = MakeDatasetConfigOfKey("aime");
  REQUIRE(aime.ok());
  CHECK(aime->source == DatasetSource::kAime);
  CHECK(aime->json == R"({"source":{"type":"aime"}})");
  const TemporaryFolder folder;
  const std::string path = folder.Write("questions.jsonl", R"({"question": "why?"})");
  const auto file = MakeDatasetConfigOfKey(path);
  REQUIRE(file.ok());
  CHECK(file->path == path);
  CHECK(MakeDatasetConfigOfKey("x").status().message() ==
        "the dataset 'x' is not known: expected 'aime', or the path of a file with prompts");
}

TEST_CASE("The example configurations can be read", "[dataset_config]") {
  int64_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(LLMDYNO_DATASET_CONFIGS)) {
    if (entry.path().extension() != ".json") continue;
    ++count;
    const auto config = ReadDatasetConfig(entry.path().string());
    CAPTURE(entry.path().string(), config.status().ToString());
    CHECK(config.ok());
  }
  CHECK(count >= 5);
}
