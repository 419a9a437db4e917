// The bytes of an event stream as vLLM sends them: one SSE event per HTTP chunk.
//
// A token costs a few copies and no allocation. With a thousand streams taking turns the cost is memory that
// is no longer in the cache, so what is the same for all requests is kept once (StreamWording) and only the
// head of an event, with its id, belongs to the request.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api_request.h"
#include "generation_plan.h"
#include "llmdyno/sim/sim_config.h"
#include "usage_json.h"

namespace llmdyno {

// What all streams of a route have in common. Read-only once made, so threads may share it.
struct StreamWording {
  std::string line_end;
  std::string role;           // delta and all of an event that carries the role alone
  std::string first;          // from behind the index to the text: of the first event,
  std::string content;        // of a later one
  std::string reasoning;      // and of one with reasoning text
  std::string suffix;         // from behind the text to the end of the choices
  std::string length_suffix;  // the same when the output ends here at its limit
  std::string stop_suffix;    // and when it ends of itself
  std::string close;          // from there to the end of the event
  // What nearly every event is made of: all of one with content of choice 0, neither the first nor the last,
  // between its head and its text, and behind its text.
  std::string usual_start;
  std::string usual_end;
};
StreamWording MakeStreamWording(const SimConfig& config, ApiRoute route);

class StreamRenderer {
 public:
  // `id` is the completion's id and `created_s` its Unix time. `wording` must outlive the renderer; the other
  // arguments are read here only.
  StreamRenderer(const StreamWording& wording, const SimConfig& config, const ApiRequest& request,
                 const GenerationPlan& plan, const std::string& id, int64_t created_s, bool is_chunked);

  // The role alone, for every choice (--role-chunk).
  void AppendRole(std::string& out) const;
  // The event that carries tokens [first, last) of a choice; the last of all carries the finish reason. With
  // `breaks_off` its JSON ends in the middle.
  void AppendTokens(int64_t choice, int64_t first, int64_t last, bool breaks_off, std::string& out) const;
  // Where the event that begins with token `first` ends: tokens of reasoning and of content never share one.
  int64_t EventEnd(int64_t first) const;
  // The final event of include_usage, with empty choices.
  void AppendUsageEvent(std::string& out) const;
  // An error object: with an "event: error" line before it, or in the way of vLLM without.
  void AppendError(bool is_named_event, std::string& out) const;
  void AppendComment(std::string& out) const;
  void AppendDone(std::string& out) const;
  // The chunk that ends the response.
  void AppendEnd(std::string& out) const;

 private:
  const std::string& BeforeText(int64_t first) const;
  // All of an event with tokens but its head.
  void AppendBehindHead(int64_t choice, int64_t first, int64_t last, bool breaks_off, std::string& out) const;
  void AppendFrame(std::string_view payload, std::string& out) const;
  void AppendUsageField(int64_t completion_tokens, int64_t reasoning_tokens, std::string& out) const;

  const StreamWording& wording_;
  std::string head_;  // data: {"id":...,"choices":[
  uint64_t first_word_;
  int64_t output_tokens_;
  int64_t reasoning_tokens_;
  int64_t tokens_per_chunk_;
  int64_t choices_;
  int64_t prompt_tokens_;
  bool is_chunked_;
  bool has_continuous_usage_;
  bool has_usage_extras_;
  bool reaches_limit_;
};

}  // namespace llmdyno
