#include "llmdyno/workload/load_dataset_rows.h"

#include <filesystem>

#include "llmdyno/workload/aime_dataset.h"
#include "support/catch.h"
#include "unit/report/temporary_folder.h"

using namespace llmdyno;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;

namespace {

// A folder for a dataset's file, and what was said while it was read.
class Bench {
 public:
  absl::StatusOr<DatasetRows> Load(const std::string& name, const std::string& content,
                                   DatasetConfig config = {}) {
    config.path = folder.Write(name, content);
    return Load(config);
  }
  absl::StatusOr<DatasetRows> Load(const DatasetConfig& config) {
    notes.clear();
    warnings.clear();
    return LoadDatasetRows(config, diagnostics_);
  }
  std::vector<std::string> Prompts(const std::string& name, const std::string& content,
                                   const DatasetConfig& config = {}) {
    const auto rows = Load(name, content, config);
    CAPTURE(rows.status().ToString());
    REQUIRE(rows.ok());
    std::vector<std::string> prompts;
    for (const DatasetRow& row : rows->rows) prompts.push_back(row.prompt);
    return prompts;
  }
  // Without the path, which is another one each time.
  std::string ProblemOf(const std::string& name, const std::string& content,
                        const DatasetConfig& config = {}) {
    const absl::Status status = Load(name, content, config).status();
    CHECK(absl::IsInvalidArgument(status));
    std::string text(status.message());
    const std::string path = folder.File("");
    for (size_t at = text.find(path); at != std::string::npos; at = text.find(path))
      text.erase(at, path.size());
    return text;
  }

  const TemporaryFolder folder;
  std::vector<std::string> notes;
  std::vector<std::string> warnings;

 private:
  const Diagnostics diagnostics_{[this](Severity severity, std::string_view text) {
    (severity == Severity::kNote ? notes : warnings).emplace_back(text);
  }};
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("A text file has a prompt on each line that is not blank", "[dataset_rows]") {
  Bench bench;
  CHECK(bench.Prompts("p.txt", "  one \r\n\r\n\t\ntwo, \"three\"\nfour") ==
        Texts{"one", "two, \"three\"", "four"});
  CHECK(bench.notes == Texts{"p.txt: 3 rows"});
}

TEST_CASE("A CSV file has its prompts in the column that is asked for", "[dataset_rows]") {
  Bench bench;
  const std::string csv = "id,prompt\n1,\"a, \"\"b\"\"\nand c\"\n2,\n3,  d \n";
  CHECK(bench.Prompts("p.csv", csv, {.prompt_column = "prompt"}) == Texts{"a, \"b\"\nand c", "  d "});
  CHECK(bench.notes == Texts{"p.csv: 2 rows, 1 skipped (the first: row 4: nothing in column 'prompt')"});
}

TEST_CASE("A JSON file is a list of objects and strings, or JSON Lines", "[dataset_rows]") {
  Bench bench;
  CHECK(bench.Prompts("p.json",
                      R"([{"text": "a"}, "b", 7, null, {"other": 1}, {"text": null}, {"text": " "}])") ==
        Texts{"a", "b"});
  CHECK(bench.notes ==
        Texts{"p.json: 2 rows, 5 skipped (the first: row 3: expected an object or a string, got a number)"});
  CHECK(bench.Prompts("p.json", "{\"text\": \"a\"}\n\n{\"text\": \"b\"}\n") == Texts{"a", "b"});
  CHECK(bench.Prompts("p.jsonl", "{\"text\": \"a\"}\n\"b\"\n") == Texts{"a", "b"});
}

TEST_CASE("A conversation in a cell is its first turn", "[dataset_rows]") {
  Bench bench;
  CHECK(
      bench.Prompts(
          "p.jsonl",
          R"({"text": ["first", "second"]})"
          "\n"
          R"({"text": [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "hi"}]})"
          "\n"
          R"({"text": [{"from": "system", "value": "be brief"}, {"from": "human", "value": "why?"}]})"
          "\n"
          R"({"text": {"text": "bare"}})"
          "\n"
          R"({"text": [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "this?"}]}]})"
          "\n"
          R"({"text": 42})"
          "\n"
          R"({"text": []})"
          "\n"
          R"({"text": {"id": 1}})"
          "\n") == Texts{"first", "hello", "why?", "bare", "this?", "42"});
  CHECK_THAT(bench.notes.at(0), Contains("2 skipped (the first: row 7: nothing in column 'text')"));
}

TEST_CASE("The format that is named goes before the suffix, whose case is no matter", "[dataset_rows]") {
  Bench bench;
  CHECK(bench.Prompts("p.dat", "prompt\na\n", {.file_format = "csv", .prompt_column = "prompt"}) ==
        Texts{"a"});
  CHECK(bench.Prompts("p.csv", "prompt\na\n", {.file_format = "txt"}) == Texts{"prompt", "a"});
  CHECK(bench.Prompts("p.TXT", "a\n") == Texts{"a"});
  CHECK(bench.Prompts("p.Csv", "text\na\n") == Texts{"a"});
  CHECK(bench.ProblemOf("p.dat", "a") ==
        "the format of the dataset 'p.dat' is not known by its suffix '.dat': expected .csv, .txt, .json or "
        ".jsonl, "
        "or source.file_format");
}

TEST_CASE("Missing file, missing column, empty set and nothing to send are four different sentences",
          "[dataset_rows]") {
  Bench bench;
  DatasetConfig config;
  config.path = bench.folder.File("none.csv");
  CHECK(bench.Load(config).status().message() ==
        "cannot read the dataset '" + config.path + "': No such file or directory");
  CHECK(bench.ProblemOf("p.csv", "id,question\n1,why\n", {.prompt_column = "prompt"}) ==
        "the dataset 'p.csv': it has no column 'prompt'; its columns are 'id', 'question'");
  CHECK(bench.ProblemOf("p.json", R"([{"a": 1}, {"b": 2, "a": 3}])") ==
        "the dataset 'p.json': it has no column 'text'; its columns are 'a', 'b'");
  CHECK(bench.ProblemOf("p.json", R"({"data": [{"text": "a"}]})") ==
        "the dataset 'p.json': it has no column 'text'; its only column is 'data'");
  for (const auto& [name, content] : std::vector<std::pair<std::string, std::string>>{{"p.txt", ""},
                                                                                      {"p.txt", " \n\n"},
                                                                                      {"p.json", "[]"},
                                                                                      {"p.jsonl", ""},
                                                                                      {"p.csv", ""},
                                                                                      {"p.csv", "text\n"}}) {
    CHECK(bench.ProblemOf(name, content) == "the dataset '" + name + "': it has no rows");
  }
  CHECK(bench.ProblemOf("p.csv", "id,text\n1,\n2, \n") ==
        "the dataset 'p.csv': nothing in it can be sent; row 2: nothing in column 'text' (the first of 2)");
}

TEST_CASE("A row that cannot be read is an error, for other requests would be sent than somebody believes",
          "[dataset_rows]") {
  Bench bench;
  CHECK_THAT(bench.ProblemOf("p.jsonl", "{\"text\": \"a\"}\n{\"text\": \n"),
             Contains("the dataset 'p.jsonl': row 2: not valid JSON") &&
                 EndsWith("; expected a list of rows, or a JSON object on each line"));
  CHECK(bench.ProblemOf("p.csv", "id,text\n1,a,b\n") ==
        "the dataset 'p.csv': row 2: expected 2 fields as in the header, got 3");
  CHECK(bench.ProblemOf("p.txt", "caf\xe9\n") == "the dataset 'p.txt': row 1: not valid UTF-8");
}

TEST_CASE("A cut list is read as far as it goes, with a warning", "[dataset_rows]") {
  Bench bench;
  CHECK(bench.Prompts("p.json", "[\"a\", \"b\"\n") == Texts{"a", "b"});
  CHECK_THAT(bench.warnings.at(0), EndsWith("the array is not closed: the file may be cut"));
}

TEST_CASE("A template takes the place of the column", "[dataset_rows]") {
  Bench bench;
  const DatasetConfig config = {.prompt_template = "{a} + {b} = {{{c}}}"};
  CHECK(
      bench.Prompts(
          "p.jsonl",
          "{\"a\": 1, \"b\": 2.5, \"c\": [\"x\", {\"y\": null}]}\n{\"a\": \"z\", \"b\": true, \"c\": null}\n"
          "{\"a\": 1}\n{\"a\": \"\", \"b\": \" \", \"c\": null}\n",
          config) == Texts{R"(1 + 2.5 = {["x",{"y":null}]})", "z + true = {}"});
  CHECK_THAT(bench.notes.at(0), EndsWith("2 rows, 2 skipped (the first: row 3: no column 'b')"));
  CHECK(bench.ProblemOf("p.csv", "a,b\n1,2\n", config) ==
        "the dataset 'p.csv': it has no column 'c', which prompt_template names; its columns are 'a', 'b'");
  CHECK(bench.Prompts("p.txt", "one\ntwo\n", {.prompt_template = "Say {text}."}) ==
        Texts{"Say one.", "Say two."});
}

TEST_CASE("Reading stops at max_rows", "[dataset_rows]") {
  Bench bench;
  CHECK(bench.Prompts("p.txt", "a\nb\nc\n", {.max_rows = 2}) == Texts{"a", "b"});
  CHECK(bench.notes == Texts{"p.txt: 2 rows; reading stopped there (max_rows), there are more"});
  CHECK(bench.Prompts("p.txt", "a\nb\nc\n", {.max_rows = 3}).size() == 3);
  CHECK(bench.notes == Texts{"p.txt: 3 rows"});
  std::string lines;
  for (int64_t i = 0; i < kMostDatasetRows + 1; ++i) lines += "x\n";
  CHECK(std::ssize(bench.Prompts("p.txt", lines)) == kMostDatasetRows);
}

TEST_CASE("A set of several files is one set", "[dataset_rows]") {
  Bench bench;
  DatasetConfig config;
  const std::vector<std::string> files = {
      bench.folder.Write("a.jsonl", "{\"text\": \"a\"}\n"),
      bench.folder.Write("b.jsonl", "{\"text\": \"b\"}\n{\"text\": \"c\"}\n")};
  const auto rows = LoadDatasetRows(config, files, Diagnostics());
  REQUIRE(rows.ok());
  CHECK(rows->rows.size() == 3);
  config.max_rows = 1;
  CHECK(LoadDatasetRows(config, files, Diagnostics())->rows.size() == 1);
}

TEST_CASE("Problems of a contest go behind an instruction, unless the wording has its own",
          "[dataset_rows]") {
  Bench bench;
  DatasetConfig config = {.source = DatasetSource::kAime};
  const std::string instruction(kAimeInstruction);
  for (const char* content :
       {R"({"Question": "1+1?", "text": "2"})", R"({"question": "1+1?"})", R"({"problem": "1+1?"})"}) {
    CHECK(bench.Prompts("aime.jsonl", content, config) == Texts{instruction + "\n\n1+1?"});
  }
  CHECK(
      bench.ProblemOf("aime.csv", "q\n1\n", config) ==
      "the dataset 'aime.csv': it has no column 'Question', 'question' or 'problem'; its only column is 'q'");
  config.prompt_column = "q";
  CHECK(bench.Prompts("aime.csv", "q\n1+1?\n", config) == Texts{instruction + "\n\n1+1?"});
  config.with_instruction = false;
  CHECK(bench.Prompts("aime.csv", "q\n1+1?\n", config) == Texts{"1+1?"});
  config.with_instruction = true;
  config.prompt_template = "Think: {q}";
  CHECK(bench.Prompts("aime.csv", "q\n1+1?\n", config) == Texts{"Think: 1+1?"});
}

TEST_CASE("The first of the usual files of contest problems is found", "[dataset_rows]") {
  const TemporaryFolder folder;
  CHECK_FALSE(FindAimeFile(folder.path()));
  folder.Write("aime.txt", "1+1?\n");
  CHECK(FindAimeFile(folder.path()) == folder.File("aime.txt"));
  folder.Write("aime.jsonl", "");
  CHECK(FindAimeFile(folder.path()) == folder.File("aime.jsonl"));
}

TEST_CASE("Without a named column the usual ones are looked at", "[dataset_rows]") {
  Bench bench;
  CHECK(bench.Prompts("p.csv", "Question\nwhy?\n", {.prompt_column = ""}) == Texts{"why?"});
  CHECK(bench.Prompts("p.jsonl", "{\"prompt\": \"a\"}\n{\"text\": \"b\"}\n", {.prompt_column = ""}) ==
        Texts{"a", "b"});
}

namespace {

// The smallest beginnings by which the four kinds are known; what follows is nobody's business here.
const std::string kPng = "\x89PNG\r\n\x1a\nrest of a picture, long enough";
const std::string kJpeg = "\xff\xd8\xff\xe0 rest of a picture, long enough";

}  // namespace

TEST_CASE("Pictures are read from paths that count from the dataset's folder", "[dataset_rows]") {
  Bench bench;
  std::filesystem::create_directory(bench.folder.File("images"));
  bench.folder.Write("images/a.png", kPng);
  bench.folder.Write("images/b.dat", kJpeg);
  const auto rows = bench.Load("p.csv",
                               "text,image\nwhat?,images/a.png\nwho?,images/b.dat\nagain?,images/a.png\n"
                               "there?,https://host/c.jpg\nnone,\n,images/a.png\n",
                               {.image_column = "image"});
  CAPTURE(rows.status().ToString());
  REQUIRE(rows.ok());
  REQUIRE(rows->rows.size() == 6);
  CHECK_THAT(*rows->rows[0].image_urls.at(0),
             Catch::Matchers::StartsWith("data:image/png;base64,iVBORw0KGgp"));
  CHECK_THAT(*rows->rows[1].image_urls.at(0), Catch::Matchers::StartsWith("data:image/jpeg;base64,/9j/4C"));
  // A file is read once and held once.
  CHECK(rows->rows[2].image_urls.at(0) == rows->rows[0].image_urls.at(0));
  CHECK(*rows->rows[3].image_urls.at(0) == "https://host/c.jpg");
  CHECK(rows->rows[4].image_urls.empty());
  CHECK(rows->rows[5].prompt.empty());
  CHECK(rows->rows[5].image_urls.size() == 1);
  CHECK(bench.warnings == Texts{"p.csv: 1 of 6 rows have no picture in column 'image'"});
}

TEST_CASE("A picture that is none is an error with row and column", "[dataset_rows]") {
  Bench bench;
  bench.folder.Write("a.bmp", "BM not a picture that endpoints take");
  const DatasetConfig config = {.image_column = "image"};
  CHECK(bench.ProblemOf("p.jsonl", "{\"text\": \"a\", \"image\": \"a.bmp\"}\n", config) ==
        "the dataset 'p.jsonl': row 1: column 'image': 'a.bmp' is no PNG, JPEG, WebP or GIF");
  CHECK_THAT(
      bench.ProblemOf("p.jsonl", "{\"text\": \"a\", \"image\": \"none.png\"}\n", config),
      Contains(
          "row 1: column 'image': 'none.png' is neither an address, nor a picture as base64, nor a file"));
  CHECK_THAT(bench.ProblemOf("p.jsonl", "{\"text\": \"a\", \"image\": 7}\n", config),
             Contains("row 1: column 'image': expected a path, an address, base64"));
  CHECK(bench.ProblemOf("p.jsonl", "{\"text\": \"a\", \"picture\": null}\n", config) ==
        "the dataset 'p.jsonl': it has no column 'image', which image_column names; its columns are 'text', "
        "'picture'");
  CHECK_THAT(bench.ProblemOf("p.txt", "a\n", config), Contains("no column 'image'"));
}

TEST_CASE("Prompts and pictures that are too large for memory say how many rows would do", "[dataset_rows]") {
  Bench bench;
  DatasetConfig config;
  config.most_bytes = 10;
  CHECK(
      bench.ProblemOf("p.txt", "12345\n12345\n1\n", config) ==
      "the dataset 'p.txt': its prompts and pictures are larger than 1e-08 GB at row 3, all of them held in "
      "memory: expected a max_rows of 2 or less");
}
