// Requests of the shapes that a scenario draws: prompts of exact lengths, pictures, texts to embed, documents
// to rank. Made before the clock starts. Sweeps and embedding benchmarks make it. Used by one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/base/random.h"
#include "llmdyno/workload/dataset_rows.h"
#include "llmdyno/workload/prompt_composer.h"
#include "llmdyno/workload/request_preparer.h"
#include "llmdyno/workload/scenario.h"
#include "llmdyno/workload/text_pool.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

// How a prompt of the scenario is spelled in its request.
enum class PromptWording {
  kChat,        // one message of a user
  kCompletion,  // a bare prompt
  kTokenIds,    // the same as ids of the model's vocabulary; the endpoint must list them at /tokenize
};

// The URL of a picture of that size; the same for the same Rng, another one for another. Called on the thread
// that prepares.
using ImageMaker =
    std::function<std::shared_ptr<const std::string>(int64_t width_px, int64_t height_px, Rng rng)>;

// What shapes are drawn, and how requests are made of them.
struct ScenarioPreparerConfig {
  Scenario scenario;
  PromptWording wording = PromptWording::kChat;
  // The most that is asked for, whatever the scenario draws; and the limit of shapes that say nothing of it
  // (those with images).
  int64_t max_output_tokens = 4096;
  bool exact_output = false;  // the limit is the lower one, too
  SharedPrefix prefix = {};

  int64_t image_text_tokens = 32;  // beside the images; 0: none
  ImageMaker make_image = {};      // needed for a scenario with images, unless there are pictures
  // Rows with pictures to be sent, in their own size, instead of images that are made. They come in random
  // order, none a second time before all had their turn, each with its own prompt as the text.
  std::shared_ptr<const DatasetRows> pictures = {};

  int64_t texts_per_request = 1;  // of embeddings
  int64_t rerank_documents = 8;   // in a request

  // The first problem in a sentence, naming the field and the accepted range.
  absl::Status Validate() const;
};

// Lengths are in Request::target_prompt_tokens as wanted and in Request::prompt_tokens as counted, over all
// texts of a request, a query once with each of its documents, as rerankers read and count it; the text
// beside a dataset's picture has no target. Shapes and texts are drawn from streams of their own: the same
// Rng gives the same shapes whatever the pool. No text of a request, nor of another one of the same Prepare,
// begins like another, but for the shared prefix and a dataset's pictures.
//
// Fails when the configuration is not valid or the counter fails or gives no token ids. The counter must
// outlive the preparer.
absl::StatusOr<std::unique_ptr<RequestPreparer>> MakeScenarioPreparer(const ScenarioPreparerConfig& config,
                                                                      std::shared_ptr<const TextPool> pool,
                                                                      TokenCounter& counter);

}  // namespace llmdyno
