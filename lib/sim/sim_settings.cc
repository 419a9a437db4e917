// Profiles and settings by name: the bridge from "fast:ttft=50ms,itl=2ms" to SimConfig.
#include <string>
#include <vector>

#include "llmdyno/base/nearest_name.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/sim/engine_profile.h"
#include "llmdyno/sim/sim_config.h"

namespace llmdyno {
namespace {

std::vector<SimChoice> MakeProfileChoices() {
  std::vector<SimChoice> choices = {
      {"fast", "", "every token at once, as fast as sockets allow"},
      {"scripted", "", "the first token after ttft (50ms), one chunk more every itl (10ms)"},
  };
  for (const EngineProfile& profile : EngineProfiles()) {
    choices.push_back({std::string(profile.name), "", std::string(profile.summary)});
  }
  return choices;
}

std::vector<SimChoice> MakeSettingChoices() {
  std::vector<SimChoice> choices = {
      {"ttft", "DURATION", "send the first token this long after the request (profiles fast and scripted)"},
      {"itl", "DURATION", "send one chunk more this often (profiles fast and scripted)"},
      {"lockstep", "", "send the tokens of all streams together, at multiples of itl, as one batch would"},
      {"output_tokens", "N|MIN-MAX", "end outputs after so many tokens, drawn per request; default 128-384"},
      {"tokens_per_chunk", "N", "put so many tokens into each chunk; default 1"},
      {"short", "", "end every output one token short"},
      {"seed", "N", "draw lengths and faults from this seed; default 1"},
      {"delay", "DURATION", "hold every response back by this much"},
      {"split", "BYTES", "cut every write into writes of so many bytes"},
      {"keepalive", "DURATION", "send an SSE comment this often, in a write of its own"},
      {"reasoning", "N", "send the first N tokens as reasoning text"},
      {"reasoning_field", "NAME", "name that text reasoning_content (default) or reasoning"},
      {"crlf", "", "end the lines of the event stream with CR LF"},
      {"role_chunk", "", "send the role in a chunk of its own, at once, before any token"},
      {"extras", "", "add cached_tokens, reasoning_tokens and a cost to usage, and name a provider"},
      {"retry_after", "DURATION", "ask for this pause with 429 and 503; default 1s"},
      {"overload_status", "CODE", "answer 503 (default) or 429 when the engine's queue is full"},
      {"model", "NAME", "report this model name"},
      {"strict_model", "", "answer 404 to any other model name"},
      {"max_model_len", "N", "answer 400 when prompt and output tokens exceed this"},
      {"embedding_dimensions", "N", "return embedding vectors of this size; default 1024"},
      {"require_key", "KEY", "answer 401 without this bearer token"},
      {"host", "ADDRESS", "bind to this address; default 127.0.0.1"},
      {"port", "N", "listen on this TCP port; 0 picks a free one"},
      {"threads", "N", "serve with so many threads; default 1"},
      {"log", "FILE", "write one JSON line per request, with the instant of every token"},
      {"max_num_seqs", "N", "engine: batch at most so many sequences"},
      {"max_num_batched_tokens", "N", "engine: compute at most so many tokens in one step"},
      {"prefill_tokens_per_second", "N", "engine: prefill at this rate"},
      {"step_base", "DURATION", "engine: time of a decode step, whatever the batch"},
      {"step_per_sequence", "DURATION", "engine: time added per decoding sequence"},
      {"step_per_1000_kv_tokens", "DURATION", "engine: time added per 1000 tokens in the KV cache"},
      {"kv_capacity_tokens", "N", "engine: KV cache for so many tokens of prompt and output"},
      {"max_waiting", "N", "engine: refuse requests behind a queue of so many"},
  };
  for (size_t i = 0; i < kFaultCount; ++i) {
    const Fault fault = static_cast<Fault>(i);
    choices.push_back({std::string(ToString(fault)), "P", "fault: " + std::string(Describe(fault))});
  }
  return choices;
}

absl::Status ChooseProfile(const std::string& name, SimConfig& config) {
  config.profile = name;
  if (name == "fast") return absl::OkStatus();
  if (name == "scripted") {
    config.pace = SimPace::kScripted;
    config.ttft = std::chrono::milliseconds(50);
    config.itl = std::chrono::milliseconds(10);
    return absl::OkStatus();
  }
  for (const EngineProfile& profile : EngineProfiles()) {
    if (profile.name != name) continue;
    config.pace = SimPace::kEngine;
    config.engine = profile.engine;
    config.model = profile.model;
    config.max_model_len = profile.max_model_len;
    return absl::OkStatus();
  }
  std::vector<std::string> known;
  for (const SimChoice& choice : SimProfiles()) known.push_back(choice.name);
  std::string text = "unknown profile '" + name + "'";
  if (const auto nearest = FindNearestName(name, known)) text += " (did you mean '" + *nearest + "'?)";
  text += "; known are";
  for (const std::string& profile : known) text += (&profile == &known.front() ? " " : ", ") + profile;
  return absl::NotFoundError(text);
}

absl::Status ParseTokenRange(const std::string& text, TokenRange& range) {
  const size_t dash = text.find('-');
  const auto low = ParseInteger(std::string_view(text).substr(0, dash));
  const auto high = dash == std::string::npos ? low : ParseInteger(std::string_view(text).substr(dash + 1));
  if (!low || !high) {
    return absl::InvalidArgumentError("output_tokens=" + text +
                                      ": expected N or MIN-MAX, as in 200 or 100-300");
  }
  range = {*low, *high};
  return absl::OkStatus();
}

void ReadBehaviour(ParamReader& reader, SimConfig& config, std::string& output_tokens) {
  reader.Read("ttft", config.ttft).Read("itl", config.itl).Read("lockstep", config.lockstep);
  reader.Read("output_tokens", output_tokens).Read("tokens_per_chunk", config.tokens_per_chunk);
  reader.Read("short", config.short_output).Read("seed", config.seed).Read("delay", config.delay);
  reader.Read("split", config.split_bytes).Read("keepalive", config.keepalive);
  reader.Read("reasoning", config.reasoning_tokens).Read("reasoning_field", config.reasoning_field);
  reader.Read("crlf", config.crlf).Read("role_chunk", config.role_chunk).Read("extras", config.usage_extras);
  reader.Read("retry_after", config.retry_after).Read("overload_status", config.overload_status);
  reader.Read("model", config.model).Read("strict_model", config.strict_model);
  reader.Read("max_model_len", config.max_model_len)
      .Read("embedding_dimensions", config.embedding_dimensions);
  for (size_t i = 0; i < kFaultCount; ++i) {
    const Fault fault = static_cast<Fault>(i);
    reader.Read(ToString(fault), config.faults[fault]);
  }
}

void ReadServer(ParamReader& reader, SimConfig& config) {
  std::string key;
  reader.Read("require_key", key);
  if (!key.empty()) config.require_key = Secret(std::move(key));
  reader.Read("host", config.host).Read("port", config.port).Read("threads", config.threads);
  reader.Read("log", config.log_path);
}

void ReadEngine(ParamReader& reader, EngineConfig& engine) {
  reader.Read("max_num_seqs", engine.max_num_seqs)
      .Read("max_num_batched_tokens", engine.max_num_batched_tokens);
  reader.Read("prefill_tokens_per_second", engine.prefill_tokens_per_second)
      .Read("step_base", engine.step_base);
  reader.Read("step_per_sequence", engine.step_per_sequence);
  reader.Read("step_per_1000_kv_tokens", engine.step_per_1000_kv_tokens);
  reader.Read("kv_capacity_tokens", engine.kv_capacity_tokens).Read("max_waiting", engine.max_waiting);
}

// Settings that belong to the other way of pacing would be ignored in silence; better to say so.
absl::Status RefuseMisplaced(const Params& params, const SimConfig& config) {
  const bool has_engine = config.pace == SimPace::kEngine;
  for (const auto& [key, value] : params.settings) {
    if (has_engine && (key == "ttft" || key == "itl" || key == "lockstep")) {
      return absl::InvalidArgumentError(params.name + ": " + key + "=" + value +
                                        ": the engine model decides this; use the profile fast or scripted");
    }
    const bool is_engine_setting = key.starts_with("step_") || key.starts_with("max_num_") ||
                                   key.starts_with("prefill_") || key == "kv_capacity_tokens" ||
                                   key == "max_waiting";
    if (!has_engine && is_engine_setting) {
      return absl::InvalidArgumentError(params.name + ": " + key + "=" + value +
                                        ": this profile has no engine; use " +
                                        std::string(EngineProfiles().front().name) + " or another engine's");
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::span<const SimChoice> SimProfiles() {
  static const std::vector<SimChoice> choices = MakeProfileChoices();
  return choices;
}

std::span<const SimChoice> SimSettings() {
  static const std::vector<SimChoice> choices = MakeSettingChoices();
  return choices;
}

absl::StatusOr<SimConfig> MakeSimConfig(const Params& params) {
  SimConfig config;
  LLMDYNO_RETURN_IF_ERROR(ChooseProfile(params.name, config));
  std::string output_tokens;
  ParamReader reader(params);
  ReadBehaviour(reader, config, output_tokens);
  ReadServer(reader, config);
  ReadEngine(reader, config.engine);
  LLMDYNO_RETURN_IF_ERROR(reader.Finish());
  LLMDYNO_RETURN_IF_ERROR(RefuseMisplaced(params, config));
  if (!output_tokens.empty()) {
    if (absl::Status status = ParseTokenRange(output_tokens, config.output_tokens); !status.ok()) {
      return absl::InvalidArgumentError(params.name + ": " + std::string(status.message()));
    }
  }
  if (config.pace == SimPace::kImmediate && (config.ttft > Duration(0) || config.itl > Duration(0))) {
    config.pace = SimPace::kScripted;
  }
  if (absl::Status status = config.Validate(); !status.ok()) {
    return absl::InvalidArgumentError(params.name + ": " + std::string(status.message()));
  }
  return config;
}

}  // namespace llmdyno
