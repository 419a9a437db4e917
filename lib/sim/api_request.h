// What a request body asks for, as far as the simulator cares. Everything it does not know is ignored, as
// samplers' settings change nothing here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "image_kind.h"

namespace llmdyno {

enum class ApiRoute {
  kChat,
  kCompletions,
  kEmbeddings,
  kRerank,
  kScore,
  kTokenize,
  kTeiEmbed,    // text-embeddings-inference: /embed
  kTeiRerank,   // and /rerank with "texts"
  kRootRerank,  // /rerank before its body was looked at: kTeiRerank, or kRerank with "documents"
};

struct ApiRequest {
  ApiRoute route = ApiRoute::kChat;
  std::string model;
  int64_t prompt_tokens = 0;
  int64_t images = 0;
  std::vector<ImageKind> image_kinds;  // of each image, where they are asked for

  // Chat and completions.
  bool is_streaming = false;
  bool include_usage = false;
  bool continuous_usage = false;
  bool ignore_eos = false;
  std::optional<int64_t> max_tokens;
  int64_t min_tokens = 0;
  int64_t choices = 1;  // "n"

  // Embeddings.
  std::vector<std::string> inputs;  // also the documents of a rerank, and text_2 of a score
  bool wants_base64 = false;
  std::optional<int64_t> dimensions;
  // Rerank and score.
  std::string query;
  std::optional<int64_t> top_n;   // absent: all
  bool returns_documents = true;  // beside the scores
  // Tokenize.
  std::vector<uint32_t> token_ids;
};

// Fails with a sentence for the 400 response: malformed JSON, no model, a field of the wrong type or range.
// The body may be any bytes. Images are looked at only if `describes_images`: hashing megabytes takes time.
absl::StatusOr<ApiRequest> ParseApiRequest(ApiRoute route, std::string_view body,
                                           bool describes_images = false);

}  // namespace llmdyno
