// How large one request is to be, before anybody has found the words for it: what a Scenario draws, and what
// the length of a prompt is later compared with. Plain values.
#pragma once

#include <cstdint>
#include <optional>

namespace llmdyno {

// Pictures of one size.
struct ImageShape {
  int64_t width_px = 0;
  int64_t height_px = 0;
  int64_t count = 1;  // images of this size in the request

  friend bool operator==(const ImageShape&, const ImageShape&) = default;
};

// Documents and a query, in tokens.
struct RerankShape {
  int64_t document_tokens = 0;  // of each document; how many there are is the caller's business
  int64_t query_tokens = 0;

  friend bool operator==(const RerankShape&, const RerankShape&) = default;
};

// Which API such a request is for.
enum class RequestKind {
  kGeneration,  // text is generated: /chat/completions, /completions
  kEmbedding,   // /embeddings
  kRerank,      // /rerank, /score
};

// What is absent was not asked for: requests with images say nothing about their text, embeddings generate
// none.
struct RequestShape {
  std::optional<int64_t> input_tokens = {};      // of the prompt; 1 or more
  std::optional<int64_t> output_tokens = {};     // to be generated; 1 or more
  std::optional<ImageShape> images = {};         // beside the text
  std::optional<int64_t> embedding_tokens = {};  // of each document to embed
  std::optional<RerankShape> rerank = {};

  // Told by what is set: an embedding by embedding_tokens, a ranking by rerank.
  RequestKind Kind() const {
    if (embedding_tokens) return RequestKind::kEmbedding;
    return rerank ? RequestKind::kRerank : RequestKind::kGeneration;
  }
  friend bool operator==(const RequestShape&, const RequestShape&) = default;
};

}  // namespace llmdyno
