// Counts tokens with the endpoint's own tokenizer, where it offers the /tokenize route (vLLM, SGLang,
// llama.cpp). MakeTokenCounter calls it before a run, on the thread that polls the
// transport; blocks.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "llmdyno/base/clock.h"
#include "llmdyno/core/endpoint.h"
#include "llmdyno/net/transport.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

// How an attempt to reach the endpoint before the run went.
struct TokenizerProbe {
  std::unique_ptr<TokenCounter> counter;  // null: the endpoint does not offer the route
  std::string why_not;                    // then: what it said
};

// Sends one tiny text. Unavailable when nothing answers at that address, after `attempts` tries with a
// growing pause between them. The counter sends up to 32 texts at once through the transport, which must
// outlive it; it is for set-up only and must not be used while a run polls the same transport.
absl::StatusOr<TokenizerProbe> ProbeServerTokenizer(const Endpoint& endpoint, Transport& transport,
                                                    const Clock& clock, int attempts);

}  // namespace llmdyno
