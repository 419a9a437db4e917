#include "llmdyno/workload/dataset_format.h"

#include "support/catch.h"
#include "temporary_file.h"

namespace llmdyno {
namespace {

using Catch::Matchers::Contains;

std::string Detect(std::string_view content, std::string_view column = "") {
  const TemporaryFile file(content);
  const auto format = ResolveDatasetFormat(file.path(), "auto", column);
  return format.ok() ? *format : std::string(format.status().message());
}

TEST_CASE("The format is found out from the content", "[workload][dataset_format]") {
  CHECK(Detect(R"([{"prompt_content": "x", "cut_chat_history": []}])") == "conversations");
  CHECK(Detect(R"({"cut_chat_history": [{"role": "user", "content": "x"}], "text": "y"})") ==
        "conversations");
  CHECK(Detect(R"({"conversations": []})") == "sharegpt");
  CHECK(Detect("\xef\xbb\xbf\r\n{\"messages\": []}\r\n") == "messages");
  CHECK(Detect(R"({"question": "why?"})") == "prompts");
  CHECK(Detect(R"({"timestamp": 0, "input_length": 5, "output_length": 5, "hash_ids": []})") == "trace");
  CHECK(Detect("id,prompt\n1,x\n") == "csv");
}

TEST_CASE("A prompt's field of any name makes prompts of rows, and CSV of columns",
          "[workload][dataset_format]") {
  CHECK(Detect(R"({"utterance": "x"})", "utterance") == "prompts");
  CHECK(Detect("utterance\nx\n", "utterance") == "csv");
  CHECK_THAT(Detect("prompt\nx\n", "utterance"), Contains("column 'utterance'"));
}

TEST_CASE("Rows without anything to go by are passed over at first", "[workload][dataset_format]") {
  CHECK(Detect("{}\n{\"messages\": null}\n{\"conversations\": []}") == "sharegpt");
}

TEST_CASE("A file of no known format is told what was found in it", "[workload][dataset_format]") {
  CHECK_THAT(Detect(R"({"a": 1, "b": 2})"),
             Contains("row 1: the fields 'a', 'b' are those of no known format"));
  CHECK_THAT(Detect("{}"), Contains("row 1: no fields"));
  CHECK_THAT(Detect("[1, 2]"), Contains("row 1: expected a JSON object, got a number"));
  CHECK_THAT(Detect("{\"a\": "), Contains("row 1: not valid JSON"));
  CHECK_THAT(Detect("Just some words.\n"), Contains("neither a JSON object nor a CSV header with a column"));
  CHECK_THAT(Detect(""), Contains("has no rows"));
  CHECK_THAT(Detect("[]"), Contains("has no rows"));
}

TEST_CASE("A format that is named is believed, and an unknown one is answered with the list",
          "[workload][dataset_format]") {
  CHECK(ResolveDatasetFormat("/no/such/file", "csv").value() == "csv");
  CHECK(
      ResolveDatasetFormat("x", "mesages").status().message() ==
      "unknown dataset format 'mesages' (did you mean 'messages'?); known are auto, conversations, sharegpt, "
      "messages, prompts, csv, text, trace");
  CHECK_FALSE(ResolveDatasetFormat("/no/such/file", "auto").ok());
}

}  // namespace
}  // namespace llmdyno
