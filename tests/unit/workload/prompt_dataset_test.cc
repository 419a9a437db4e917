#include "llmdyno/workload/prompt_dataset.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/catch.h"

namespace llmdyno {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

const std::string kData = std::string(LLMDYNO_TEST_DATA) + "/datasets/";

// A folder of its own that is gone when the test ends.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "llmdyno-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  std::string Write(const std::string& name, std::string_view content) const {
    const fs::path path = path_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
  }
  std::string path(const std::string& name = "") const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

std::vector<std::string> TextsOf(const PromptDataset& dataset) {
  std::vector<std::string> texts;
  for (const Prompt& prompt : dataset.prompts) texts.push_back(prompt.text);
  return texts;
}

absl::StatusOr<PromptDataset> LoadText(std::string_view content, const std::string& format = "dolly") {
  const TemporaryFolder folder;
  return LoadPromptDataset({.format = format, .path = folder.Write("file", content)});
}

std::string ErrorOf(const absl::StatusOr<PromptDataset>& dataset) {
  return std::string(dataset.status().message());
}

TEST_CASE("A Dolly prompt is the context and the instruction without a separator",
          "[workload][prompt_dataset]") {
  const PromptDataset dataset = LoadPromptDataset({.format = "dolly", .path = kData + "dolly.jsonl"}).value();
  CHECK(TextsOf(dataset) ==
        std::vector<std::string>{"The town has three bridges. The stone one was built first. "
                                 "Which bridge of the town is the oldest?",
                                 "Name four tools that a carpenter uses.",
                                 "Say \"good evening\" in three languages,\nline by line."});
  CHECK(dataset.rows == 3);
  CHECK(dataset.skipped == 0);
  CHECK(dataset.first_problem.empty());
  CHECK(dataset.path == kData + "dolly.jsonl");
}

TEST_CASE("A ShareGPT prompt is what the user said first, in a JSON array as in JSON Lines",
          "[workload][prompt_dataset]") {
  for (const std::string file : {"sharegpt.jsonl", "sharegpt_array.json"}) {
    CAPTURE(file);
    const PromptDataset dataset = LoadPromptDataset({.format = "sharegpt", .path = kData + file}).value();
    CHECK(TextsOf(dataset) == std::vector<std::string>{"How do I keep bread fresh?",
                                                       "Why is the sky blue — and not violet?",
                                                       "Somebody whose role nobody knows asks this."});
    CHECK(dataset.rows == 4);
    CHECK(dataset.skipped == 1);
    CHECK(dataset.first_problem == "row 3: no message from a user");
  }
}

TEST_CASE("A BillSum prompt asks for a summary of the bill", "[workload][prompt_dataset]") {
  const PromptDataset dataset =
      LoadPromptDataset({.format = "billsum", .path = kData + "billsum.jsonl"}).value();
  REQUIRE(dataset.prompts.size() == 2);
  CHECK_THAT(dataset.prompts[0].text, StartsWith("Summarize this bill"));
  CHECK_THAT(dataset.prompts[0].text, Contains(".\n\nSECTION 1. A lighthouse keeper may keep one goat."));
}

TEST_CASE("Of BillSum the first 500 rows are used", "[workload][prompt_dataset]") {
  std::string content;
  for (int i = 0; i < 700; ++i) content += "{\"text\": \"bill " + std::to_string(i) + "\"}\n\n";
  const PromptDataset dataset = LoadText(content, "billsum").value();
  CHECK(dataset.rows == 500);
  CHECK_THAT(dataset.prompts.back().text, Contains("bill 499"));
}

TEST_CASE("Rows that cannot be used are skipped and counted, and the first of them is explained",
          "[workload][prompt_dataset]") {
  const PromptDataset dataset = LoadText(
                                    "{\"instruction\": \"one\"}\n"
                                    "{\"context\": \"no question\"}\n"
                                    "not JSON at all\n"
                                    "[1, 2]\n"
                                    "{\"instruction\": 7}\n"
                                    "{\"instruction\": \"  \"}\n"
                                    "{\"instruction\": \"broken \xff UTF-8\"}\n"
                                    "{\"instruction\": \"cut\n"
                                    "{\"instruction\": \"two\", \"context\": null}\n")
                                    .value();
  CHECK(TextsOf(dataset) == std::vector<std::string>{"one", "two"});
  CHECK(dataset.rows == 9);
  CHECK(dataset.skipped == 7);
  CHECK(dataset.first_problem == "row 2: no field 'instruction'");
}

TEST_CASE("Each way in which a row can be wrong has its own words", "[workload][prompt_dataset]") {
  const auto problem = [](std::string_view row, const std::string& format = "dolly") {
    return ErrorOf(LoadText(row, format));
  };
  CHECK_THAT(problem("{\"a\": 1}"), Contains("row 1: no field 'instruction'"));
  CHECK_THAT(problem("{\"instruction\": []}"), Contains("row 1: field 'instruction' is not text"));
  CHECK_THAT(problem("{\"instruction\": \"\"}"), Contains("row 1: field 'instruction' is empty"));
  CHECK_THAT(problem("7"), Contains("row 1: not a JSON object"));
  CHECK_THAT(problem("{\"instruction\": "), Contains("row 1: not valid JSON: "));
  CHECK_THAT(problem("{}", "billsum"), Contains("no field 'text'"));
  CHECK_THAT(problem("{}", "sharegpt"), Contains("no field 'conversations'"));
  CHECK_THAT(problem("{\"conversations\": \"hi\"}", "sharegpt"),
             Contains("field 'conversations' is not a list"));
  CHECK_THAT(problem("{\"conversations\": [\"hi\"]}", "sharegpt"),
             Contains("an entry of 'conversations' is not an object"));
  CHECK_THAT(problem("{\"conversations\": [{\"from\": \"human\"}]}", "sharegpt"),
             Contains("no field 'value'"));
  CHECK_THAT(problem("{\"conversations\": [{\"from\": \"human\", \"value\": \"\\n\"}]}", "sharegpt"),
             Contains("the first message from a user is empty"));
}

TEST_CASE("A byte order mark, CRLF, blank lines and a missing last newline make no difference",
          "[workload][prompt_dataset]") {
  const std::vector<std::string> expected = {"one", "two"};
  const std::string one = "{\"instruction\": \"one\"}";
  const std::string two = "{\"instruction\": \"two\"}";
  const std::string mark = "\xef\xbb\xbf";
  for (const std::string& content :
       {one + "\n" + two + "\n", one + "\n" + two, one + "\r\n" + two + "\r\n",
        "\n\n" + one + "\n \t\n\r\n" + two, mark + one + "\n" + two + "\n",
        mark + "\r\n" + one + "\r\n" + two, "[" + one + "," + two + "]",
        mark + "\n [ \n" + one + " \r\n , \n" + two + "\n ] \n", "[" + one + "," + two + ",]"}) {
    CAPTURE(content);
    CHECK(TextsOf(LoadText(content).value()) == expected);
  }
}

TEST_CASE("An array that was cut gives the rows before the cut", "[workload][prompt_dataset]") {
  const std::vector<std::string> rows = {R"({"instruction": "one"})", R"({"instruction": "two ] , [ \" }"})",
                                         R"({"instruction": "three"})"};
  const std::string whole = "[" + rows[0] + ", " + rows[1] + ", " + rows[2] + "]";
  for (size_t cut = 1; cut < whole.size(); ++cut) {
    CAPTURE(cut);
    size_t whole_rows = 0;
    size_t begun_rows = 0;
    size_t start = 1;
    for (const std::string& row : rows) {
      begun_rows += cut > start ? 1 : 0;
      whole_rows += cut >= start + row.size() ? 1 : 0;
      start += row.size() + 2;
    }
    const auto dataset = LoadText(whole.substr(0, cut));
    REQUIRE(dataset.ok() == (whole_rows > 0));
    if (!dataset.ok()) continue;
    CHECK(dataset->prompts.size() == whole_rows);
    CHECK(dataset->skipped == int64_t(begun_rows - whole_rows));
  }
}

TEST_CASE("A file without a usable row is an error that says what was found", "[workload][prompt_dataset]") {
  CHECK_THAT(ErrorOf(LoadText("")), Contains("has no rows"));
  CHECK_THAT(ErrorOf(LoadText("\xef\xbb\xbf")), Contains("has no rows"));
  CHECK_THAT(ErrorOf(LoadText("\n \r\n\t")), Contains("has no rows"));
  CHECK_THAT(ErrorOf(LoadText("[]")), Contains("has no rows"));
  CHECK_THAT(ErrorOf(LoadText("[")), Contains("has no rows"));
  CHECK_THAT(
      ErrorOf(LoadText("{\"text\": \"a bill\"}\n{\"text\": \"another\"}\n")),
      Contains("has no usable row for the format 'dolly': all 2 rows had to be skipped; row 1: no field "
               "'instruction'"));
  CHECK_THAT(ErrorOf(LoadText(std::string("\xff\xfe\0b\0i\0n\0", 8))),
             Contains("its only row had to be skipped"));
}

TEST_CASE("A file that cannot be read is an error that names it and says why", "[workload][prompt_dataset]") {
  const TemporaryFolder folder;
  const auto problem = [](const std::string& path) { return ErrorOf(LoadPromptDataset({.path = path})); };
  CHECK(problem(folder.path("none.jsonl")) ==
        "cannot read the dataset '" + folder.path("none.jsonl") + "': No such file or directory");
  CHECK(problem(folder.path()) == "cannot read the dataset '" + folder.path() + "': Is a directory");
  if (::geteuid() != 0) {  // root may read everything
    const std::string secret = folder.Write("secret.jsonl", "{}");
    fs::permissions(secret, fs::perms::none);
    CHECK(problem(secret) == "cannot read the dataset '" + secret + "': Permission denied");
  }
}

TEST_CASE("Without a path the format's usual files are looked for", "[workload][prompt_dataset]") {
  const TemporaryFolder folder;
  const std::string content = R"([{"conversations": [{"from": "human", "value": "from the array"}]}])";
  const auto load = [&](const std::string& format) {
    return LoadPromptDataset({.format = format, .path = "", .directory = folder.path()});
  };
  CHECK(load("dolly").status().code() == absl::StatusCode::kNotFound);
  CHECK(ErrorOf(load("dolly")) == "the dataset 'dolly' needs a local file, and there is no '" +
                                      folder.path("databricks-dolly-15k.jsonl") +
                                      "'; put the file there, or give its path");
  CHECK_THAT(ErrorOf(load("sharegpt")), Contains("sharegpt.jsonl' or '"));

  folder.Write("ShareGPT_V3_unfiltered_cleaned_split.json", content);
  CHECK(TextsOf(load("sharegpt").value()) == std::vector<std::string>{"from the array"});
  folder.Write("sharegpt.jsonl", R"({"conversations": [{"from": "human", "value": "from the lines"}]})");
  CHECK(TextsOf(load("sharegpt").value()) == std::vector<std::string>{"from the lines"});
  folder.Write("databricks-dolly-15k.jsonl", R"({"instruction": "dolly"})");
  CHECK(load("dolly").value().path == folder.path("databricks-dolly-15k.jsonl"));
  folder.Write("billsum.jsonl", R"({"text": "bill"})");
  CHECK(load("billsum").ok());
}

TEST_CASE("The default folder is datasets in the current directory", "[workload][prompt_dataset]") {
  CHECK_THAT(ErrorOf(LoadPromptDataset({.directory = "datasets"})),
             Contains("'datasets/databricks-dolly-15k.jsonl'"));
  CHECK(PromptDatasetConfig{}.directory == "datasets");
}

TEST_CASE("An unknown format is answered with the nearest one and the list", "[workload][prompt_dataset]") {
  CHECK(PromptFormatNames() == std::vector<std::string>{"dolly", "sharegpt", "billsum"});
  CHECK(ErrorOf(LoadPromptDataset({.format = "doly"})) ==
        "unknown dataset 'doly' (did you mean 'dolly'?); known are dolly, sharegpt, billsum");
}

TEST_CASE("A dataset of many megabytes with rows of all lengths is read whole",
          "[workload][prompt_dataset]") {
  // Lengths around the reader's 256 KiB step, so that rows and their ends fall on every side of it.
  std::vector<std::string> expected;
  std::string lines;
  std::string array = "[";
  for (const size_t length : {262'100, 1, 262'144, 3, 262'145, 700'000, 10, 524'288, 262'143, 5}) {
    expected.emplace_back(length, static_cast<char>('a' + expected.size()));
    const std::string row = "{\"instruction\": \"" + expected.back() + "\"}";
    lines += row + "\n";
    array += (expected.size() == 1 ? "" : ",\n") + row;
  }
  CHECK((TextsOf(LoadText(lines).value()) == expected));
  CHECK((TextsOf(LoadText(array + "]").value()) == expected));
}

}  // namespace
}  // namespace llmdyno
