#include "llmdyno/workload/embedding_preparer.h"

#include <string>
#include <utility>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/workload/synthetic_text.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {
namespace {

class EmbeddingPreparer final : public RequestPreparer {
 public:
  explicit EmbeddingPreparer(const EmbeddingPreparerConfig& config) : config_(config) {}

  absl::StatusOr<std::vector<Request>> Prepare(int64_t count, Rng rng) override {
    SyntheticText writer(Rng(rng.Next()));
    std::vector<Request> requests(static_cast<size_t>(count));
    for (int64_t i = 0; i < count; ++i) {
      Request& request = requests[static_cast<size_t>(i)];
      request.id = i;
      request.body = MakeTexts(writer, rng, request.prompt_tokens.emplace(0));
    }
    return requests;
  }

 private:
  EmbeddingBody MakeTexts(SyntheticText& writer, Rng& rng, int64_t& tokens) const {
    EmbeddingBody body;
    body.texts.resize(static_cast<size_t>(config_.texts_per_request));
    for (std::string& text : body.texts) {
      writer.Write(config_.length.DrawWords(rng), text);
      tokens += EstimateTokens(text);
    }
    return body;
  }

  const EmbeddingPreparerConfig config_;
};

}  // namespace

absl::Status EmbeddingPreparerConfig::Validate() const {
  if (length.kind == TextLength::Kind::kTokens) {
    return absl::InvalidArgumentError("texts of exactly " + std::to_string(length.count) +
                                      " tokens are requests of the scenario " + ToString(length));
  }
  if (texts_per_request < 1) {
    return absl::InvalidArgumentError("texts_per_request is " + std::to_string(texts_per_request) +
                                      ": expected 1 or more");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<RequestPreparer>> MakeEmbeddingPreparer(
    const EmbeddingPreparerConfig& config) {
  LLMDYNO_RETURN_IF_ERROR(config.Validate());
  return std::make_unique<EmbeddingPreparer>(config);
}

}  // namespace llmdyno
