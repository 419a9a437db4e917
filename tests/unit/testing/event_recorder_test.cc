#include "llmdyno/testing/event_recorder.h"

#include "support/catch.h"

using namespace llmdyno;

TEST_CASE("An event reads as one line that says everything about it", "[event_recorder]") {
  EventRecorder recorder;
  StreamEvent event;
  event.has_choice = true;
  event.texts = 2;
  event.content = "a\n\"b\"";
  event.reasoning = "r";
  event.tool_call = "t";
  event.finish_reason = "stop";
  event.usage = UsageReport{
      .prompt_tokens = 7, .completion_tokens = 3, .cached_tokens = std::nullopt, .reasoning_tokens = 1};
  recorder.OnEvent(event);
  recorder.OnDone();
  recorder.OnProviderError("busy");
  recorder.OnMalformed("odd");
  CHECK(
      ToStrings(recorder.events()) ==
      std::vector<std::string>{
          R"(event choice texts=2 content="a\x0a"b"" reasoning="r" tool_call="t" finish="stop" usage=7/3/-/1)",
          "done", "provider_error \"busy\"", "malformed \"odd\""});
}

TEST_CASE("A body is cut into pieces of one size, the last one perhaps shorter", "[event_recorder]") {
  CHECK(CutEvery("abcde", 2) == std::vector<std::string_view>{"ab", "cd", "e"});
  CHECK(CutEvery("abcd", 2) == std::vector<std::string_view>{"ab", "cd"});
  CHECK(CutEvery("", 2).empty());
  CHECK(CutEvery("abc", 100) == std::vector<std::string_view>{"abc"});
}
