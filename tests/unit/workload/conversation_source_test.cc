#include "llmdyno/workload/conversation_source.h"

#include <algorithm>
#include <set>

#include "support/catch.h"
#include "temporary_file.h"

namespace llmdyno {
namespace {

using Texts = std::vector<std::string>;

std::shared_ptr<ConversationDataset> Load(std::string_view content, ConversationDatasetConfig config = {}) {
  const TemporaryFile file(content);
  config.path = file.path();
  return LoadConversationDataset(config).value();
}

std::string Numbered(int rows) {
  std::string content;
  for (int i = 0; i < rows; ++i) content += "{\"prompt\": \"" + std::to_string(i) + "\"}\n";
  return content;
}

std::unique_ptr<RequestSource> MakeSource(std::shared_ptr<ConversationDataset> dataset,
                                          const ConversationSourceConfig& config = {}, uint64_t seed = 1) {
  return MakeConversationSource(std::move(dataset), config, Rng(seed), Diagnostics()).value();
}

Request NextOf(RequestSource& source) {
  NextRequest next = source.Next(TimePoint());
  REQUIRE(std::holds_alternative<Request>(next));
  return std::get<Request>(std::move(next));
}

Texts Draw(RequestSource& source, int count) {
  Texts texts;
  for (int i = 0; i < count; ++i) texts.push_back(PromptText(NextOf(source)));
  return texts;
}

TEST_CASE("Conversations are sent in file order, and from the first again",
          "[workload][conversation_source]") {
  const auto source = MakeSource(Load(Numbered(3)));
  CHECK(Draw(*source, 7) == Texts{"0", "1", "2", "0", "1", "2", "0"});
  CHECK(NextOf(*source).id == 7);
}

TEST_CASE("Shuffled, none comes a second time before all had their turn, and then in another order",
          "[workload][conversation_source]") {
  for (const int64_t memory : {int64_t{1} << 20, int64_t{0}}) {
    const auto draw = [&](uint64_t seed) {
      ConversationSourceConfig config;
      config.order = PromptOrder::kShuffled;
      return Draw(*MakeSource(Load(Numbered(200), {.keep_parsed_bytes = memory}), config, seed), 400);
    };
    const Texts texts = draw(1);
    const Texts first(texts.begin(), texts.begin() + 200);
    const Texts second(texts.begin() + 200, texts.end());
    CHECK(std::set<std::string>(first.begin(), first.end()).size() == 200);
    CHECK(std::set<std::string>(second.begin(), second.end()).size() == 200);
    CHECK(first != second);
    CHECK_FALSE(std::is_sorted(first.begin(), first.end()));
    CHECK(draw(1) == texts);
    CHECK(draw(2) != texts);
  }
}

TEST_CASE("A conversation is sent as it stands, with no system prompt of ours",
          "[workload][conversation_source]") {
  const std::string row =
      R"({"prompt_content": "Be brief.", "cut_chat_history": [{"role": "user", "content": "Why is that?"}]})";
  ConversationSourceConfig config;
  config.request.max_output_tokens = 77;
  const Request chat = NextOf(*MakeSource(Load(row), config));
  const auto& messages = std::get<ChatBody>(chat.body).messages;
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].content == "Be brief.");
  CHECK(messages[1].content == "Why is that?");
  CHECK(chat.max_output_tokens == 77);
  CHECK(chat.prompt_tokens == 3 + 4);  // 2 and 3 words x 1.3
  CHECK(chat.prompt_tokens_source == TokenCountSource::kEstimated);

  config.request.body = PromptBody::kCompletion;
  const Request completion = NextOf(*MakeSource(Load(row), config));
  CHECK(std::get<CompletionBody>(completion.body).prompt == "Be brief.\n\nWhy is that?");
}

TEST_CASE("An answer's length that the row gives goes before the limit of the source",
          "[workload][conversation_source]") {
  const auto source = MakeSource(
      Load("{\"prompt\": \"a\", \"output_tokens\": 9}\n{\"prompt\": \"b\"}\n", {.read_output_tokens = true}));
  CHECK(NextOf(*source).max_output_tokens == 9);
  CHECK(NextOf(*source).max_output_tokens == PromptRequestConfig().max_output_tokens);
}

TEST_CASE("A limit of requests ends the source", "[workload][conversation_source]") {
  ConversationSourceConfig config;
  config.request.max_requests = 2;
  const auto source = MakeSource(Load(Numbered(1)), config);
  CHECK(Draw(*source, 2) == Texts{"0", "0"});
  CHECK(std::holds_alternative<Exhausted>(source->Next(TimePoint())));
  config.request.max_requests = 0;
  CHECK_FALSE(MakeConversationSource(Load(Numbered(1)), config, Rng(1), Diagnostics()).ok());
}

TEST_CASE("A file that is cut during the run ends the source with a warning",
          "[workload][conversation_source]") {
  const TemporaryFile file(Numbered(3));
  std::shared_ptr<ConversationDataset> dataset =
      LoadConversationDataset({.path = file.path(), .keep_parsed_bytes = 0}).value();
  Texts warnings;
  const Diagnostics diagnostics([&](Severity severity, std::string_view text) {
    CHECK(severity == Severity::kWarning);
    warnings.emplace_back(text);
  });
  const auto source = MakeConversationSource(dataset, {}, Rng(1), diagnostics).value();
  CHECK(PromptText(NextOf(*source)) == "0");
  std::filesystem::resize_file(file.path(), 5);
  CHECK(std::holds_alternative<Exhausted>(source->Next(TimePoint())));
  CHECK(std::holds_alternative<Exhausted>(source->Next(TimePoint())));
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("no more requests are sent") != std::string::npos);
}

}  // namespace
}  // namespace llmdyno
