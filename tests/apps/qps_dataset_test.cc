// What llmdyno-qps reads and what requests it makes of it: F04 and F05, and the other formats.
#include <set>

#include "apps/qps_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

const Arguments kQuick = {"--ttft", "1ms", "--itl", "1ms", "--output-tokens", "3"};

// The messages (or the prompt) of the requests that a file makes, `requests` of them.
std::vector<Json> SentFrom(const std::string& text, int requests, const Arguments& more = {}) {
  const Scratch scratch;
  SimProcess sim(kQuick);
  Arguments flags = {"--dataset",  scratch.Write("rows.data", text),
                     "--qps",      std::to_string(20 * requests),
                     "--duration", "0.05"};
  flags.insert(flags.end(), more.begin(), more.end());
  const QpsRun run = RunQps(scratch, sim, flags);
  INFO(run.Said());
  CHECK(run.exit == 0);
  std::vector<Json> sent;
  for (const Json& request : sim.StopAndReadLog()) {
    const Json body = BodyOf(request);
    sent.push_back(body.contains("prompt") ? body["prompt"] : body["messages"]);
  }
  CHECK(sent.size() == static_cast<size_t>(requests));
  return sent;
}

Json Message(const std::string& role, const std::string& content) {
  return {{"role", role}, {"content", content}};
}

}  // namespace

// F04
TEST_CASE("The system's words come first and system turns inside a conversation are left out", "[apps]") {
  const Json rows = {{{"prompt_content", "Be brief."},
                      {"cut_chat_history",
                       {Message("user", "one"), Message("system", "never sent"), Message("assistant", "two"),
                        Message("user", "three")}}},
                     {{"prompt_content", ""}, {"cut_chat_history", {Message("user", "four")}}},
                     {{"prompt_content", "Only a system."}}};
  const std::vector<Json> sent = SentFrom(rows.dump(), 3);
  REQUIRE(sent.size() == 3);
  CHECK(sent[0] == Json({Message("system", "Be brief."), Message("user", "one"), Message("assistant", "two"),
                         Message("user", "three")}));
  CHECK(sent[1] == Json({Message("user", "four")}));
  CHECK(sent[2] == Json({Message("system", "Only a system.")}));
}

// F05
TEST_CASE("Further fields are ignored, and empty turns and empty samples are skipped", "[apps]") {
  const Json rows = {{{"prompt_content", ""}, {"cut_chat_history", Json::array()}},
                     {{"id", 7},
                      {"tags", {"a", "b"}},
                      {"cut_chat_history",
                       {Message("", "no role"),
                        Message("user", ""),
                        {{"role", "user"}, {"content", "hello"}, {"sent_at", 1.5}}}}}};
  const std::vector<Json> sent = SentFrom(rows.dump(), 2);
  REQUIRE(sent.size() == 2);
  for (const Json& messages : sent) CHECK(messages == Json({Message("user", "hello")}));
}

TEST_CASE("ShareGPT files, message lists, prompts and CSV are told apart by their content", "[apps]") {
  const std::string sharegpt =
      R"([{"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}])";
  CHECK(SentFrom(sharegpt, 1)[0] == Json({Message("user", "a")}));

  const std::string messages = R"({"messages": [{"role": "system", "content": "s"},)"
                               R"( {"role": "user", "content": "u"}, {"role": "assistant", "content": "x"}]})"
                               "\n";
  CHECK(SentFrom(messages, 1)[0] == Json({Message("system", "s"), Message("user", "u")}));

  const std::vector<Json> prompts = SentFrom("{\"prompt\": \"p\"}\n{\"text\": \"t\"}\n", 2);
  CHECK(prompts == std::vector<Json>{Json({Message("user", "p")}), Json({Message("user", "t")})});

  const std::vector<Json> csv = SentFrom("id,prompt\n1,\"a, \"\"b\"\"\nc\"\n2,d\n", 2);
  CHECK(csv == std::vector<Json>{Json({Message("user", "a, \"b\"\nc")}), Json({Message("user", "d")})});
}

TEST_CASE("A format that is given is not doubted, and completions get texts", "[apps]") {
  CHECK(SentFrom("one line\nanother\n", 1, {"--dataset-format", "text"})[0] ==
        Json({Message("user", "one line")}));
  CHECK(SentFrom(Conversations(1), 1, {"--api", "completions"})[0] == "question 0");
}

TEST_CASE("Shuffled rows are a permutation that depends on the seed alone", "[apps]") {
  const std::string rows = Conversations(20);
  const auto order = [&](const std::string& seed) {
    return SentFrom(rows, 20, {"--shuffle", "--seed", seed});
  };
  const std::vector<Json> first = order("1");
  CHECK(order("1") == first);
  CHECK(order("2") != first);
  CHECK(first != SentFrom(rows, 20));
  CHECK(std::set<Json>(first.begin(), first.end()).size() == 20);
}

TEST_CASE("A broken dataset is refused with its row and field before anything is sent", "[apps]") {
  // Lengths of a trace are the endpoint's to tell, so its tokenizer may be asked; nothing is generated.
  const auto refusal = [](const std::string& text, const Arguments& more = {}) {
    const Scratch scratch;
    const SimProcess sim(kQuick);
    Arguments flags = {"--dataset", scratch.Write("broken.json", text), "--qps", "5", "--duration", "1"};
    flags.insert(flags.end(), more.begin(), more.end());
    const auto process = StartQps(scratch, QpsFlags(scratch, sim.url(), flags));
    CHECK(process->Wait() == 2);
    INFO(process->Err());
    CHECK(process->Out().empty());
    CHECK(LinesWith(process->Err(), "llmdyno-qps: ").size() == 1);
    CHECK(Contains(process->Err(), "broken.json"));
    CHECK(QpsFolders(scratch).empty());
    CHECK(sim.Stats()["generations"] == 0);
    if (more.empty()) CHECK(sim.Stats()["requests"] == 2);  // these two questions
    return process->Err();
  };
  const std::string number =
      refusal(R"([{"cut_chat_history": []}, {"cut_chat_history": [{"role": "user", "content": 5}]}])");
  CHECK(Contains(number, "row 2"));
  CHECK(Contains(number, "cut_chat_history[0].content"));
  CHECK(Contains(number, "expected a string, got a number"));
  CHECK(Contains(refusal(R"([{"prompt_content": ["x"], "cut_chat_history": []}])"), "prompt_content"));
  // No usable sample at all.
  const std::string nothing =
      refusal(R"([{"prompt_content": "", "cut_chat_history": []}, {"cut_chat_history": []}])");
  CHECK(Contains(nothing, "row 1"));
  refusal("[]");
  refusal("");
  refusal("[{\"prompt_content\": \"a\"");
  refusal("{\"name\": \"nobody reads this\"}\n");
  refusal("{\"timestamp\": 0, \"input_length\": 5}\n", {"--dataset-format", "trace"});
}

TEST_CASE("A file that is no trace is refused as one with what a trace is, before anything is asked",
          "[apps]") {
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const Finished run = RunApp("llmdyno-qps", QpsFlags(scratch, sim.url(), {"--arrival", "trace"}),
                              {.directory = scratch.path()});
  INFO(run.err);
  CHECK(run.exit == 2);
  CHECK(Contains(run.err,
                 "five.json', line 1: no JSON object; expected one JSON object per line with a number "
                 "'timestamp' in milliseconds"));
  CHECK(sim.Stats()["requests"] == 1);  // this question
}

}  // namespace llmdyno
