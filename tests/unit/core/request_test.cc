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

TEST_CASE("Embedding and rerank requests expect an item for each text, generation expects none",
          "[core][request]") {
  Request request;
  request.body = EmbeddingBody{{"one", "two"}};
  CHECK(ExpectedItems(request) == 2);
  CHECK(PromptText(request) == "one");
  request.body = RerankBody{"which?", {"this", "that", "neither"}};
  CHECK(ExpectedItems(request) == 3);
  CHECK(PromptText(request) == "which?");
  request.body = TokenIdsBody{{1, 2, 3}};
  CHECK_FALSE(ExpectedItems(request));
  CHECK(PromptText(request).empty());
  CHECK(ImageCount(request) == 0);
}

TEST_CASE("Pictures are counted over all messages of a conversation", "[core][request]") {
  const auto picture = std::make_shared<const std::string>("data:image/png;base64,AAAA");
  Request request;
  request.body =
      ChatBody{{{"user", "first", {picture}}, {"assistant", "ok"}, {"user", "", {picture, picture}}}};
  CHECK(ImageCount(request) == 3);
}

}  // namespace
}  // namespace llmdyno
