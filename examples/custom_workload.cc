// A workload of one's own, as a plugin: questions about passages that a search has found, as assistants for
// documents send them. Popular passages come again and again, so that a prefix cache has something to find.
//
//   llmdyno race --plugin ./libcustom_workload.so --workload retrieval:passages=4 --simulate fast
//
// docs/extending.md explains every step; try_custom_workload.cc tests it.
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "llmdyno/plugin.h"

namespace {

using namespace llmdyno;

struct Settings {
  int64_t passages = 4;  // in each prompt
  int64_t words = 80;    // of a passage
  int64_t corpus = 500;  // different passages that there are
};

class Retrieval final : public RequestSource {
 public:
  Retrieval(const Settings& settings, std::optional<int64_t> max_output_tokens, Rng rng)
      : settings_(settings), max_output_tokens_(max_output_tokens), rng_(rng) {
    for (int64_t i = 0; i < settings_.corpus; ++i) corpus_.push_back(WritePassage(i));
  }

  // There is no end to the questions. How requests end is not looked at, so OnFinished stays as it is.
  NextRequest Next(TimePoint /*now*/) override {
    std::string prompt = "Answer from these passages only.\n\n";
    for (int64_t i = 0; i < settings_.passages; ++i) prompt += corpus_[DrawPassage()] + "\n\n";
    prompt += "Question " + std::to_string(next_id_) + ": what follows from them?";
    Request request;
    request.id = next_id_++;  // ids count up from 0
    request.body = ChatBody{{{"user", std::move(prompt)}}};
    request.max_output_tokens = max_output_tokens_;
    return request;
  }

 private:
  std::string WritePassage(int64_t number) {
    std::string text = "Passage " + std::to_string(number) + ".";
    for (int64_t i = 2; i < settings_.words; ++i) text += " w" + std::to_string(rng_.UniformInt(0, 9999));
    return text;
  }

  // Log-uniform: the first ten passages are asked for as often as the next ninety.
  size_t DrawPassage() {
    const double rank = std::pow(static_cast<double>(settings_.corpus), rng_.UniformReal());
    return static_cast<size_t>(rank) - 1;
  }

  const Settings settings_;
  const std::optional<int64_t> max_output_tokens_;
  Rng rng_;
  std::vector<std::string> corpus_;
  int64_t next_id_ = 0;
};

absl::StatusOr<std::unique_ptr<RequestSource>> MakeRetrieval(const Params& params,
                                                             const WorkloadContext& context) {
  Settings settings;
  const absl::Status read = ParamReader(params)
                                .Read("passages", settings.passages)
                                .Read("words", settings.words)
                                .Read("corpus", settings.corpus)
                                .Finish();
  if (!read.ok()) return read;
  if (settings.passages < 1 || settings.words < 2 || settings.corpus < 1) {
    return absl::InvalidArgumentError(
        "retrieval: expected passages and corpus of 1 or more, words of 2 or more");
  }
  return std::make_unique<Retrieval>(settings, context.spec.request.max_output_tokens, context.rng);
}

absl::Status Register(Catalog& catalog) {
  return catalog.workloads.Add({"retrieval",
                                "questions about passages that a search has found",
                                MakeRetrieval,
                                {{"passages", "4", "passages in each prompt"},
                                 {"words", "80", "words of a passage"},
                                 {"corpus", "500", "different passages that there are"}}});
}

}  // namespace

LLMDYNO_PLUGIN("custom_workload", "1.0", "an example: questions about documents", Register)
