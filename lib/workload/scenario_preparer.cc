#include "llmdyno/workload/scenario_preparer.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "llmdyno/base/status_macros.h"
#include "workload/picture_deck.h"
#include "workload/token_id_composer.h"

namespace llmdyno {
namespace {

constexpr int64_t kMostPerRequest = 100'000;
constexpr size_t kTextsAtOnce = 256;  // composed, counted and brought to their lengths together

absl::Status CheckRange(std::string_view field, int64_t value, int64_t lowest, int64_t highest) {
  if (value >= lowest && value <= highest) return absl::OkStatus();
  return absl::InvalidArgumentError(std::string(field) + " is " + std::to_string(value) + ": expected " +
                                    std::to_string(lowest) + " to " + std::to_string(highest));
}

bool HasImages(const Scenario& scenario) {
  return std::any_of(scenario.parts().begin(), scenario.parts().end(), [](const ScenarioPart& part) {
    const auto* shape = std::get_if<RequestShape>(&part.lengths);
    return shape != nullptr && shape->images.has_value();
  });
}

// Adds what one text of a request has.
void AddTokens(const TokenCount& tokens, Request& request) {
  const bool is_first = !request.prompt_tokens;
  request.prompt_tokens_source =
      is_first ? tokens.source : std::max(request.prompt_tokens_source, tokens.source);
  request.prompt_tokens = request.prompt_tokens.value_or(0) + tokens.tokens;
}

class ScenarioPreparer final : public RequestPreparer {
 public:
  ScenarioPreparer(const ScenarioPreparerConfig& config, std::unique_ptr<PromptComposer> texts,
                   std::optional<TokenIdComposer> ids, TokenCounter& counter)
      : config_(config), texts_(std::move(texts)), ids_(std::move(ids)), counter_(counter) {}

  absl::StatusOr<std::vector<Request>> Prepare(int64_t count, Rng rng) override {
    Rng shapes(rng.Next());
    PromptSeries series(Rng(rng.Next()));
    Rng images(rng.Next());
    std::optional<PictureDeck> deck;
    if (config_.pictures) deck.emplace(*config_.pictures, Rng(rng.Next()));
    std::vector<Request> requests;
    requests.reserve(static_cast<size_t>(count));
    while (std::ssize(requests) < count) {
      Batch batch;
      const int64_t left = count - std::ssize(requests);
      while (std::ssize(batch.shapes) < left && batch.lengths.size() < kTextsAtOnce)
        AddShape(config_.scenario.Sample(shapes), batch);
      LLMDYNO_RETURN_IF_ERROR(Fill(batch, series, images, deck, requests));
    }
    return requests;
  }

 private:
  // Requests that are made together, and the lengths of the texts that they need, request by request.
  struct Batch {
    std::vector<RequestShape> shapes;
    std::vector<int64_t> lengths;
  };

  void AddShape(const RequestShape& shape, Batch& batch) const {
    std::vector<int64_t>& lengths = batch.lengths;
    if (shape.embedding_tokens) {
      lengths.insert(lengths.end(), static_cast<size_t>(config_.texts_per_request), *shape.embedding_tokens);
    } else if (shape.rerank) {
      lengths.push_back(shape.rerank->query_tokens);
      lengths.insert(lengths.end(), static_cast<size_t>(config_.rerank_documents),
                     shape.rerank->document_tokens);
    } else {
      // A text of no tokens is one that is not there.
      const bool is_of_dataset = shape.images && config_.pictures;
      lengths.push_back(is_of_dataset ? 0 : shape.input_tokens.value_or(config_.image_text_tokens));
    }
    batch.shapes.push_back(shape);
  }

  absl::Status Fill(const Batch& batch, PromptSeries& series, Rng& images, std::optional<PictureDeck>& deck,
                    std::vector<Request>& requests) {
    LLMDYNO_ASSIGN_OR_RETURN(std::vector<Prompt> prompts, Compose(batch.lengths, series));
    auto prompt = prompts.begin();
    auto length = batch.lengths.begin();
    const size_t first = requests.size();
    for (const RequestShape& shape : batch.shapes) {
      Request& request = requests.emplace_back();
      request.id = std::ssize(requests) - 1;
      const auto texts = static_cast<size_t>(TextsOf(shape));
      SetLengths(shape, {prompt, texts}, {length, texts}, request);
      if (ids_) {
        request.body = TokenIdsBody{ids_->Compose(*length, series)};
        AddTokens({*length, TokenCountSource::kTokenizer}, request);
      } else {
        SetBody(shape, {prompt, texts}, request);
      }
      if (shape.images) AddImages(*shape.images, images, deck, request);
      SetOutput(shape, request);
      prompt += static_cast<std::ptrdiff_t>(texts);
      length += static_cast<std::ptrdiff_t>(texts);
    }
    return deck ? CountPictureTexts(std::span(requests).subspan(first)) : absl::OkStatus();
  }

  // As many as there are lengths, those of no tokens empty.
  absl::StatusOr<std::vector<Prompt>> Compose(std::span<const int64_t> lengths, PromptSeries& series) {
    std::vector<Prompt> prompts(lengths.size());
    if (ids_) return prompts;
    std::vector<int64_t> wanted;
    std::copy_if(lengths.begin(), lengths.end(), std::back_inserter(wanted),
                 [](int64_t length) { return length > 0; });
    LLMDYNO_ASSIGN_OR_RETURN(std::vector<Prompt> made, texts_->Compose(wanted, series));
    auto next = made.begin();
    for (size_t i = 0; i < lengths.size(); ++i) {
      if (lengths[i] > 0) prompts[i] = std::move(*next++);
    }
    return prompts;
  }

  int64_t TextsOf(const RequestShape& shape) const {
    if (shape.embedding_tokens) return config_.texts_per_request;
    return shape.rerank ? config_.rerank_documents + 1 : 1;
  }

  void SetLengths(const RequestShape& shape, std::span<const Prompt> prompts,
                  std::span<const int64_t> lengths, Request& request) const {
    for (size_t i = 0; i < lengths.size(); ++i) {
      if (lengths[i] == 0) continue;
      // A reranker reads the query together with each document, and counts it as often.
      const int64_t times = shape.rerank && i == 0 ? config_.rerank_documents : 1;
      request.target_prompt_tokens = request.target_prompt_tokens.value_or(0) + lengths[i] * times;
      TokenCount count = prompts[i].tokens;
      count.tokens *= times;
      if (count.tokens > 0) AddTokens(count, request);
    }
  }

  void SetBody(const RequestShape& shape, std::span<Prompt> prompts, Request& request) const {
    if (shape.embedding_tokens) {
      request.body = EmbeddingBody{TakeTexts(prompts)};
    } else if (shape.rerank) {
      request.body = RerankBody{std::move(prompts[0].text), TakeTexts(prompts.subspan(1))};
    } else if (config_.wording == PromptWording::kCompletion) {
      request.body = CompletionBody{std::move(prompts[0].text)};
    } else {
      ChatBody chat;
      chat.messages.push_back({"user", std::move(prompts[0].text)});
      request.body = std::move(chat);
    }
  }

  static std::vector<std::string> TakeTexts(std::span<Prompt> prompts) {
    std::vector<std::string> texts;
    texts.reserve(prompts.size());
    for (Prompt& prompt : prompts) texts.push_back(std::move(prompt.text));
    return texts;
  }

  void AddImages(const ImageShape& shape, Rng& images, std::optional<PictureDeck>& deck,
                 Request& request) const {
    Message& message = std::get<ChatBody>(request.body).messages.front();
    if (deck) return deck->Deal(shape.count, message);
    for (int64_t i = 0; i < shape.count; ++i) {
      message.image_urls.push_back(config_.make_image(shape.width_px, shape.height_px, Rng(images.Next())));
    }
  }

  // The texts of a dataset's pictures are as long as they are.
  absl::Status CountPictureTexts(std::span<Request> requests) const {
    std::vector<std::string_view> texts;
    std::vector<Request*> counted;
    for (Request& request : requests) {
      if (request.target_prompt_tokens || PromptText(request).empty()) continue;
      texts.emplace_back(PromptText(request));
      counted.push_back(&request);
    }
    LLMDYNO_ASSIGN_OR_RETURN(const std::vector<TokenCount> counts, counter_.CountAll(texts));
    if (counts.size() != texts.size()) return absl::InternalError("a token counter lost a text");
    for (size_t i = 0; i < counts.size(); ++i) AddTokens(counts[i], *counted[i]);
    return absl::OkStatus();
  }

  void SetOutput(const RequestShape& shape, Request& request) const {
    if (shape.Kind() != RequestKind::kGeneration) return;
    request.max_output_tokens =
        std::min(shape.output_tokens.value_or(config_.max_output_tokens), config_.max_output_tokens);
    if (config_.exact_output) request.min_output_tokens = request.max_output_tokens;
  }

  const ScenarioPreparerConfig config_;
  const std::unique_ptr<PromptComposer> texts_;  // null with token ids
  std::optional<TokenIdComposer> ids_;
  TokenCounter& counter_;
};

}  // namespace

absl::Status ScenarioPreparerConfig::Validate() const {
  LLMDYNO_RETURN_IF_ERROR(CheckRange("max_output_tokens", max_output_tokens, 1, 10'000'000));
  LLMDYNO_RETURN_IF_ERROR(CheckRange("image_text_tokens", image_text_tokens, 0, 10'000'000));
  LLMDYNO_RETURN_IF_ERROR(CheckRange("texts_per_request", texts_per_request, 1, kMostPerRequest));
  LLMDYNO_RETURN_IF_ERROR(CheckRange("rerank_documents", rerank_documents, 1, kMostPerRequest));
  LLMDYNO_RETURN_IF_ERROR(prefix.Validate());
  const std::string name = "the scenario '" + ToString(scenario) + "'";
  if (HasImages(scenario)) {
    if (wording != PromptWording::kChat) {
      return absl::InvalidArgumentError(
          name + " has images, which only fit into a chat: expected no " +
          (wording == PromptWording::kCompletion ? "bare completions" : "prompts as token ids"));
    }
    if (pictures && !PictureDeck::HasPictures(*pictures)) {
      return absl::InvalidArgumentError(name + " has images, but no row of the dataset has a picture");
    }
    if (!pictures && !make_image) return absl::InvalidArgumentError(name + " has images: nothing makes them");
  }
  if (scenario.Kind() != RequestKind::kGeneration && wording == PromptWording::kTokenIds) {
    return absl::InvalidArgumentError(name + " is sent as text: expected no prompts as token ids");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<RequestPreparer>> MakeScenarioPreparer(const ScenarioPreparerConfig& config,
                                                                      std::shared_ptr<const TextPool> pool,
                                                                      TokenCounter& counter) {
  LLMDYNO_RETURN_IF_ERROR(config.Validate());
  std::unique_ptr<PromptComposer> texts;
  std::optional<TokenIdComposer> ids;
  if (config.wording == PromptWording::kTokenIds) {
    LLMDYNO_ASSIGN_OR_RETURN(ids, TokenIdComposer::Make(*pool, config.prefix, counter));
  } else {
    LLMDYNO_ASSIGN_OR_RETURN(texts, MakePromptComposer(std::move(pool), config.prefix, counter));
  }
  return std::make_unique<ScenarioPreparer>(config, std::move(texts), std::move(ids), counter);
}

}  // namespace llmdyno
