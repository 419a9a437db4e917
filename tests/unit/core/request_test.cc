#include "llmdyno/core/request.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

std::string TextOf(RequestBody body) {
  Request request;
  request.body = std::move(body);
  return PromptText(request);
}

TEST_CASE("The prompt's text is the last user message, or the bare prompt", "[core][request]") {
  CHECK(TextOf(CompletionBody{"once upon"}) == "once upon");
  CHECK(TextOf(ChatBody{
            {{"system", "be brief"}, {"user", "first"}, {"assistant", "yes"}, {"user", "second"}}}) ==
        "second");
  CHECK(TextOf(ChatBody{{{"user", "asked"}, {"assistant", "answered"}}}) == "asked");
}

TEST_CASE("A conversation without a user shows its last message, and an empty one nothing",
          "[core][request]") {
  CHECK(TextOf(ChatBody{{{"system", "be brief"}}}) == "be brief");
  CHECK(TextOf(ChatBody{}).empty());
}

}  // namespace
}  // namespace llmdyno
