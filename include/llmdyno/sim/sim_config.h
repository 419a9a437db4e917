// Everything that decides how the simulated endpoint behaves.
//
// A test fills the struct; a command line goes through MakeSimConfig, where the profile is the name and the
// rest are settings: "h100-llama-3.1-8b", "fast:http_503=0.1", "scripted:ttft=50ms,itl=2ms".
//
// Plain values and pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/base/params.h"
#include "llmdyno/base/secret.h"
#include "llmdyno/base/time.h"
#include "llmdyno/sim/engine_model.h"
#include "llmdyno/sim/fault.h"

namespace llmdyno {

// When the tokens of a request become available.
enum class SimPace {
  kImmediate,  // all at once: the sockets are the only limit
  kScripted,   // the first after ttft, one chunk more every itl, each request on its own
  kEngine,     // when the engine model has computed them, all requests sharing the engine
};

// Both ends included.
struct TokenRange {
  int64_t min = 128;
  int64_t max = 384;
};

inline constexpr int64_t kMaxEmbeddingDimensions = 65'536;

struct SimConfig {
  std::string profile = "fast";
  SimPace pace = SimPace::kImmediate;
  EngineConfig engine;    // used by kEngine
  Duration ttft{0};       // used by kScripted: from the arrival of the request to its first token
  Duration itl{0};        // used by kScripted: between one chunk and the next
  bool lockstep = false;  // kScripted: tokens at multiples of itl, all streams back to back, as in a batch

  // How long an output is when the request does not say so: drawn from this range for each request, from the
  // seed and the request's index, and never above the request's own limit. With ignore_eos the output is
  // exactly as long as the limit.
  TokenRange output_tokens;
  int64_t tokens_per_chunk = 1;  // more than one, as engines with speculative decoding send
  bool short_output = false;     // every output one token shorter than it should be
  int64_t seed = 1;

  Duration delay{0};             // every response as a whole is held back by this much
  int64_t split_bytes = 0;       // every write is cut into writes of so many bytes; 0: not cut
  Duration keepalive{0};         // an SSE comment, in a write of its own, this often; 0: never
  int64_t reasoning_tokens = 0;  // the first so many tokens are reasoning text
  std::string reasoning_field = "reasoning_content";  // or "reasoning", as some servers spell it
  bool crlf = false;                                  // lines of the event stream end in CR LF
  bool role_chunk = false;    // the role in a chunk of its own, before any token, as soon as accepted
  bool usage_extras = false;  // cached_tokens, reasoning_tokens and cost in usage, and the name of a provider

  FaultRates faults;
  Duration retry_after = std::chrono::seconds(1);  // for 429 and 503; sent in whole seconds, rounded up
  int64_t overload_status = 503;                   // what a full engine queue answers: 503 or 429

  std::string model = "simulated";
  bool strict_model = false;                 // any other model name is 404
  int64_t max_model_len = int64_t{1} << 24;  // longer prompt plus output is 400
  int64_t embedding_dimensions = 1024;
  Secret require_key;  // empty: no key needed

  std::string host = "127.0.0.1";  // address to bind: IPv4, IPv6 or localhost
  int64_t port = 0;                // 0: any free one
  int64_t threads = 1;             // connections are dealt to them in turn
  std::string log_path;            // one JSON line per request; empty: none

  // The first problem in the user's words, naming the setting and the accepted range.
  absl::Status Validate() const;
};

// Reads a profile and its settings and validates the result. Unknown profiles and settings are errors that
// name the nearest known one.
absl::StatusOr<SimConfig> MakeSimConfig(const Params& params);

// Profile names with a line about each, and the settings MakeSimConfig takes: for --help and completion.
struct SimChoice {
  std::string name;
  std::string argument;  // "DURATION", "N", ...; empty for a switch (true or false)
  std::string summary;
};
// All profiles in the order of --help; the memory lives for the whole program.
std::span<const SimChoice> SimProfiles();
// All settings in the order of --help; the memory lives for the whole program.
std::span<const SimChoice> SimSettings();

}  // namespace llmdyno
