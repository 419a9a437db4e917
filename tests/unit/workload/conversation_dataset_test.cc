#include "llmdyno/workload/conversation_dataset.h"

#include "llmdyno/base/random.h"
#include "support/catch.h"
#include "temporary_file.h"

namespace llmdyno {
namespace {

using Catch::Matchers::Contains;
using Texts = std::vector<std::string>;

// "user: Hi | assistant: Hello".
std::string TextOf(const Conversation& conversation) {
  std::string text;
  for (const Message& message : conversation.messages) {
    text += (text.empty() ? "" : " | ") + message.role + ": " + message.content;
  }
  return text;
}

Texts TextsOf(ConversationDataset& dataset) {
  Texts texts;
  for (int64_t i = 0; i < dataset.size(); ++i) {
    const auto conversation = dataset.Read(i);
    REQUIRE(conversation.ok());
    texts.push_back(TextOf(**conversation));
  }
  return texts;
}

// Reads a content twice, kept parsed and row by row from the file, which must make no difference.
struct Loaded {
  explicit Loaded(std::string_view content, ConversationDatasetConfig config = {}) {
    const TemporaryFile file(content);
    config.path = file.path();
    auto parsed = LoadConversationDataset(config);
    config.keep_parsed_bytes = 0;
    auto indexed = LoadConversationDataset(config);
    REQUIRE(parsed.ok() == indexed.ok());
    if (!parsed.ok()) {
      CHECK(parsed.status() == indexed.status());
      problem = std::string(parsed.status().message());
      const size_t place = problem.find(file.path());
      if (place != std::string::npos) problem.replace(place, file.path().size(), "F");
      return;
    }
    texts = TextsOf(**parsed);
    CHECK(texts == TextsOf(**indexed));
    CHECK((*parsed)->is_in_memory());
    CHECK_FALSE((*indexed)->is_in_memory());
    summary = (*parsed)->summary();
  }

  Texts texts;
  DatasetSummary summary;
  std::string problem;
};

TEST_CASE("A conversation is the system prompt, then every turn that is not the system's or empty",
          "[workload][conversation_dataset]") {
  const Loaded loaded(R"([
    {"id": 7, "prompt_content": "Be brief.", "cut_chat_history": [
      {"role": "system", "content": "ignored"}, {"role": "user", "content": "Hi", "at": [1, 2]},
      {"role": "assistant", "content": ""}, {"role": "", "content": "nobody"}, {"content": "no role"},
      {"role": "user"}, {"role": "user", "content": null}, {"role": "assistant", "content": "Hello"}]},
    {"prompt_content": "", "cut_chat_history": [{"role": "user", "content": "Grüße 🌍"}]},
    {"cut_chat_history": [{"role": "user", "content": "two\nlines"}], "prompt_content": null},
    {"prompt_content": "system only"}
  ])");
  CHECK(loaded.texts == Texts{"system: Be brief. | user: Hi | assistant: Hello", "user: Grüße 🌍",
                              "user: two\nlines", "system: system only"});
  CHECK(loaded.summary.format == "conversations");
  CHECK(loaded.summary.rows == 4);
  CHECK(loaded.summary.skipped == 0);
  CHECK(loaded.summary.remark.empty());
}

TEST_CASE("A sample without any message is skipped and counted", "[workload][conversation_dataset]") {
  const Loaded loaded(
      "{\"prompt_content\": \"a\"}\n\n{\"prompt_content\": \"\", \"cut_chat_history\": []}\n{}\n"
      "{\"cut_chat_history\": [{\"role\": \"system\", \"content\": \"x\"}]}\n{\"prompt_content\": \"b\"}");
  CHECK(loaded.texts == Texts{"system: a", "system: b"});
  CHECK(loaded.summary.rows == 5);
  CHECK(loaded.summary.skipped == 3);
  CHECK(loaded.summary.first_skipped == "row 3: no messages");
}

TEST_CASE("A wrong type is an error that names row and field", "[workload][conversation_dataset]") {
  const auto problem = [](const std::string& row) {
    return Loaded("[{\"prompt_content\": \"fine\"}, {\"cut_chat_history\": []},\n" + row + "]").problem;
  };
  const std::string where = "the dataset 'F' (format 'conversations'), row 3: ";
  CHECK(problem(R"({"cut_chat_history": [{}, {"role": "user", "content": 7}]})") ==
        where + "cut_chat_history[1].content: expected a string, got a number");
  CHECK(problem(R"({"cut_chat_history": [{"role": true, "content": "x"}]})") ==
        where + "cut_chat_history[0].role: expected a string, got true or false");
  CHECK(problem(R"({"cut_chat_history": {"role": "user"}})") ==
        where + "cut_chat_history: expected a list, got an object");
  CHECK(problem(R"({"cut_chat_history": ["Hi"]})") ==
        where + "cut_chat_history[0]: expected an object, got a string");
  CHECK(problem(R"({"prompt_content": ["x"]})") == where + "prompt_content: expected a string, got a list");
  CHECK(problem("7") == where + "expected a JSON object, got a number");
  CHECK_THAT(problem(R"({"prompt_content": x})"), Contains(where + "not valid JSON: "));
  CHECK_THAT(problem("{\"prompt_content\": \"\xff\"}"), Contains("UTF-8"));
}

TEST_CASE("A ShareGPT conversation goes up to the last message from a user",
          "[workload][conversation_dataset]") {
  const Loaded loaded(R"(
    {"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}
    {"conversations": [{"from": "system", "value": "s"}, {"from": "human", "value": "a"}, {"from": "gpt", "value": "b"},
)"
                      R"({"from": "user", "value": "c"}, {"from": "gpt", "value": "d"}]})");
  CHECK_THAT(loaded.problem, Contains("row 3: not valid JSON"));  // a row is a line, however it is indented
  const Loaded array(R"([
    {"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]},
    {"conversations": [{"from": "system", "value": "s"}, {"from": "human", "value": "a"}, {"from": "gpt",
      "value": "b"}, {"from": "user", "value": "c"}, {"from": "gpt", "value": "d"}]},
    {"conversations": [{"from": "gpt", "value": "b"}, {"from": "human", "value": " "}]},
    {"conversations": []}])");
  CHECK(array.texts == Texts{"user: a", "system: s | user: a | assistant: b | user: c"});
  CHECK(array.summary.skipped == 2);
  CHECK(array.summary.first_skipped == "row 3: no message from a user");
  CHECK_THAT(Loaded(R"({"conversations": [{"from": "human", "value": 1}]})").problem,
             Contains("row 1: conversations[0].value: expected a string, got a number"));
}

TEST_CASE("The first exchange of a ShareGPT conversation is its first two turns",
          "[workload][conversation_dataset]") {
  const Loaded loaded(
      "{\"conversations\": [{\"value\": \"a\"}, {\"value\": \"b\"}, {\"value\": \"c\"}]}\n"
      "{\"conversations\": [{\"value\": \"alone\"}]}\n"
      "{\"conversations\": [{\"value\": \"x\"}, {\"value\": \"\"}]}\n",
      {.first_exchange_only = true});
  CHECK(loaded.texts == Texts{"user: a | assistant: b"});
  CHECK(loaded.summary.first_skipped == "row 2: fewer than two turns");
}

TEST_CASE("Messages may have their content in parts, and end with what is asked",
          "[workload][conversation_dataset]") {
  const Loaded loaded(
      R"({"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, {"role": "assistant", "content": "answered already"}]})"
      "\n"
      R"({"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": null}, {"role": "tool", "content": "42"}]})");
  CHECK(loaded.texts == Texts{"system: s | user: ab", "user: x | tool: 42"});
  const auto problem = [](const std::string& content) {
    return Loaded("{\"messages\": [{\"role\": \"user\", \"content\": " + content + "}]}").problem;
  };
  CHECK_THAT(problem(R"([{"type": "image_url"}])"),
             Contains("row 1: messages[0].content[0].type: expected 'text', got 'image_url'"));
  CHECK_THAT(problem(R"([{"type": "text", "text": 3}])"),
             Contains("messages[0].content[0].text: expected a string, got a number"));
  CHECK_THAT(problem("[1]"), Contains("messages[0].content[0]: expected an object, got a number"));
  CHECK_THAT(problem("1"),
             Contains("messages[0].content: expected a string or a list of parts, got a number"));
}

TEST_CASE("A prompt is looked for under the usual names, or under the one that is given",
          "[workload][conversation_dataset]") {
  CHECK(Loaded("{\"prompt\": \"a\", \"text\": \"b\"}\n{\"text\": \"b\"}\n{\"instruction\": \"c\", \"input\": "
               "\"\"}\n"
               "{\"input\": \"d\"}\n{\"question\": \"e\", \"answer\": \"f\"}")
            .texts == Texts{"user: a", "user: b", "user: c", "user: d", "user: e"});
  const Loaded named("{\"prompt\": \"a\", \"mine\": \"b\"}\n{\"prompt\": \"a\"}\n{\"mine\": \" \"}",
                     {.column = "mine"});
  CHECK(named.texts == Texts{"user: b"});
  CHECK(named.summary.skipped == 2);
  CHECK(named.summary.first_skipped == "row 2: no field 'mine'");
  CHECK_THAT(Loaded("{\"prompt\": 5}").problem, Contains("row 1: prompt: expected a string, got a number"));
}

TEST_CASE("CSV has a header, and fields in quotes may hold commas, quotes and line ends",
          "[workload][conversation_dataset]") {
  const Loaded loaded(
      "id,prompt,answer\r\n1,\"Why, \"\"really\"\"\r\nwhy?\",x\r\n\r\n2,plain,y\r\n3, ,z\r\n4,\"last\",");
  CHECK(loaded.texts == Texts{"user: Why, \"really\"\r\nwhy?", "user: plain", "user: last"});
  CHECK(loaded.summary.format == "csv");
  CHECK(loaded.summary.rows == 4);
  CHECK(loaded.summary.first_skipped == "row 6: an empty prompt");  // lines, as an editor counts them
  CHECK_THAT(Loaded("prompt,b\n1\n").problem, Contains("row 2: expected 2 fields as in the header, got 1"));
  CHECK_THAT(Loaded("prompt\n\"open\n").problem, Contains("row 2: the quotes of field 1 are not closed"));
  CHECK_THAT(Loaded("prompt\ncaf\xe9\n").problem, Contains("row 2: not valid UTF-8"));
  CHECK_THAT(Loaded("a,b\n1,2\n", {.format = "csv"}).problem,
             Contains("the header has no column 'prompt', 'text'"));
  CHECK_THAT(Loaded("prompt\n").problem, Contains("has no rows"));
}

TEST_CASE("Lines of text are prompts when the format says so", "[workload][conversation_dataset]") {
  CHECK(Loaded("\xef\xbb\xbfOne.\r\n\r\n [two] \n{three", {.format = "text"}).texts ==
        Texts{"user: One.", "user: [two]", "user: {three"});
}

TEST_CASE("How many tokens an answer has is read when it is asked for", "[workload][conversation_dataset]") {
  const auto tokens = [](const std::string& row, bool reads = true) -> std::string {
    const TemporaryFile file(row);
    const auto dataset = LoadConversationDataset({.path = file.path(), .read_output_tokens = reads});
    if (!dataset.ok()) return std::string(dataset.status().message());
    const auto& count = (*(*dataset)->Read(0))->output_tokens;
    return count ? std::to_string(*count) : "-";
  };
  CHECK(tokens(R"({"prompt": "x", "output_tokens": 12})") == "12");
  CHECK(tokens(R"({"prompt": "x", "expected_output_tokens": 13})") == "13");
  CHECK(tokens(R"({"messages": [{"role": "user", "content": "x"}], "max_tokens": 14})") == "14");
  CHECK(tokens("prompt,output_tokens\nx,15") == "15");
  CHECK(tokens("prompt,output_tokens\nx,") == "-");
  CHECK(tokens(R"({"prompt": "x", "output_tokens": null})") == "-");
  CHECK(tokens(R"({"prompt": "x", "output_tokens": "many"})", false) == "-");
  CHECK_THAT(tokens(R"({"prompt": "x", "output_tokens": "12"})"),
             Contains("row 1: output_tokens: expected a whole number from 1, got a string"));
  CHECK_THAT(tokens(R"({"prompt": "x", "output_tokens": 1.5})"), Contains("got 1.5"));
  CHECK_THAT(tokens(R"({"prompt": "x", "output_tokens": 0})"), Contains("got 0"));
  CHECK_THAT(tokens("prompt,output_tokens\nx,no"),
             Contains("output_tokens: expected a whole number from 1, got 'no'"));
}

TEST_CASE("Conversations are the same behind a byte order mark, with CRLF, blank lines or no last newline",
          "[workload][conversation_dataset]") {
  const std::string one = R"({"prompt": "one"})";
  const std::string two = R"({"prompt": "two"})";
  const std::string mark = "\xef\xbb\xbf";
  for (const std::string& content :
       {one + "\n" + two, one + "\r\n\r\n" + two + "\r\n", mark + one + "\n\n" + two + "\n",
        "[" + one + "," + two + "]", mark + " \r\n[" + one + "\r\n,\r\n" + two + "\r\n]\r\n"}) {
    CAPTURE(content);
    const Loaded loaded(content);
    CHECK(loaded.texts == Texts{"user: one", "user: two"});
    CHECK(loaded.summary.remark.empty());
  }
}

TEST_CASE("An array with text behind it, and one that is not closed, are remarked on",
          "[workload][conversation_dataset]") {
  const Loaded followed("[{\"prompt\": \"a\"}] and more");
  CHECK(followed.texts == Texts{"user: a"});
  CHECK(followed.summary.remark == "the array is followed by more text, which is not used");
  const Loaded open("[{\"prompt\": \"a\"},\n");
  CHECK(open.texts == Texts{"user: a"});
  CHECK(open.summary.remark == "the array is not closed: the file may be cut");
  CHECK_THAT(Loaded("[{\"prompt\": \"a\"}, {\"prompt\": \"b").problem, Contains("row 2: not valid JSON"));
}

TEST_CASE("A file without a usable row says what was found", "[workload][conversation_dataset]") {
  CHECK(Loaded("").problem == "the dataset 'F' has no rows");
  CHECK(Loaded("[]", {.format = "messages"}).problem == "the dataset 'F' has no rows");
  CHECK(Loaded("{\"prompt\": \"\"}\n{\"prompt\": \"\"}").problem ==
        "the dataset 'F' has no usable row for the format 'prompts': all 2 rows had to be skipped; row 1: an "
        "empty "
        "prompt");
  CHECK_THAT(Loaded("{\"messages\": []}", {.format = "sharegpt"}).problem,
             Contains("its only row had to be skipped; row 1: no message from a user"));
  CHECK_THAT(Loaded(R"({"input_length": 1, "output_length": 1})").problem,
             Contains("use the workload 'trace'"));
  CHECK_THAT(Loaded("x", {.format = "jsonl"}).problem, Contains("unknown dataset format 'jsonl'"));
}

TEST_CASE("What cannot be read twice, or at all, is no dataset", "[workload][conversation_dataset]") {
  const auto problem = [](const std::string& path) {
    return std::string(LoadConversationDataset({.path = path, .format = "prompts"}).status().message());
  };
  CHECK(problem("") == "no dataset file is named: expected path=FILE");
  CHECK(problem("/no/such/file") == "cannot read the dataset '/no/such/file': No such file or directory");
  CHECK_THAT(problem("/dev/null"), Contains("is no regular file"));
}

TEST_CASE("Rows of all lengths are the same read again as read through", "[workload][conversation_dataset]") {
  // Lengths around the reader's step of 256 KiB, and one of 20 MB.
  std::string lines;
  std::string array = "[";
  std::string csv = "prompt";
  Texts expected;
  for (const size_t length : {262'100, 1, 262'144, 3, 20'000'000, 700'000, 10, 262'143}) {
    const std::string text(length, static_cast<char>('a' + expected.size()));
    expected.push_back("user: " + text);
    lines += "{\"prompt\": \"" + text + "\"}\n";
    array += (array.size() > 1 ? ",\n" : "") + ("{\"prompt\": \"" + text + "\"}");
    csv += "\n\"" + text + "\"";
  }
  for (const std::string& content : {lines, array + "]", csv}) CHECK(Loaded(content).texts == expected);
}

TEST_CASE("Beyond the limit of memory rows are read from the file", "[workload][conversation_dataset]") {
  std::string content;
  for (int i = 0; i < 1000; ++i) content += "{\"prompt\": \"prompt " + std::to_string(i) + "\"}\n";
  const TemporaryFile file(content);
  const auto load = [&](int64_t bytes) {
    return LoadConversationDataset({.path = file.path(), .keep_parsed_bytes = bytes}).value();
  };
  CHECK(load(1'000'000)->is_in_memory());
  const auto dataset = load(10'000);
  CHECK_FALSE(dataset->is_in_memory());
  Rng rng(1);
  for (int i = 0; i < 100; ++i) {
    const int64_t index = rng.UniformInt(0, 999);
    dataset->WillRead(index, i % 2 == 0);
    const Conversation& conversation = **dataset->Read(index);
    CHECK(conversation.messages[0].content == "prompt " + std::to_string(index));
    CHECK(conversation.estimated_tokens == 3);  // two words x 1.3, or 10 characters / 4
  }
}

TEST_CASE("A file that shrinks while it is used is told, and one that is replaced is kept",
          "[workload][conversation_dataset]") {
  const std::string content = "{\"prompt\": \"a\"}\n{\"prompt\": \"b\"}\n";
  const TemporaryFile file(content);
  const auto dataset = LoadConversationDataset({.path = file.path(), .keep_parsed_bytes = 0}).value();
  std::filesystem::resize_file(file.path(), 20);
  CHECK(dataset->Read(0).ok());
  const absl::Status status = dataset->Read(1).status();
  CHECK(absl::IsUnavailable(status));
  CHECK_THAT(std::string(status.message()), Contains("was changed after it had been loaded"));
  std::filesystem::resize_file(file.path(), 0);
  file.Write("{\"broken: \"a\"}\n{\"broken: \"b\"}\n");
  CHECK(absl::IsUnavailable(dataset->Read(1).status()));

  const TemporaryFile replaced(content);
  const auto kept = LoadConversationDataset({.path = replaced.path(), .keep_parsed_bytes = 0}).value();
  std::filesystem::remove(replaced.path());
  CHECK(TextsOf(*kept) == Texts{"user: a", "user: b"});
}

TEST_CASE("Random bytes are a dataset or an error, and never worse", "[workload][conversation_dataset]") {
  Rng rng(1);
  constexpr std::string_view kPieces[] = {"{",  "}",  "[",  "]",    "\"prompt\"", ":",    "\"x\"",  ",",
                                          "\n", "\r", "\"", "\xff", "7",          "null", "prompt", "\\"};
  for (int i = 0; i < 1000; ++i) {
    std::string content;
    for (int64_t n = rng.UniformInt(0, 20); n > 0; --n) content += kPieces[rng.UniformInt(0, 15)];
    const Loaded loaded(content);
    CHECK(loaded.problem.empty() == !loaded.texts.empty());
  }
}

}  // namespace
}  // namespace llmdyno
