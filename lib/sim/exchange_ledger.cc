#include "exchange_ledger.h"

#include <algorithm>

namespace llmdyno {
namespace {

// A request may ask for millions of tokens and be gone after the first.
constexpr int64_t kMaxReservedTokens = 1 << 16;

int64_t Nanoseconds(TimePoint instant) { return instant.time_since_epoch().count(); }

}  // namespace

void ExchangeLedger::Begin(TimePoint arrival, std::string_view x_request_id) {
  arrival_ = arrival;
  tokens_sent_ = 0;
  has_sent_ = is_generation_ = was_admitted_ = has_finished_ = false;
  record_ = {};
  record_.arrival_ns = Nanoseconds(arrival);
  record_.x_request_id = x_request_id;
  if (x_request_id.empty()) {
    record_.x_request_id =
        "sim-" + std::to_string(context_.next_request.fetch_add(1, std::memory_order_relaxed));
  }
}

void ExchangeLedger::BeginGeneration(const Generation& generation) {
  is_generation_ = true;
  reaches_limit_ = generation.plan.reaches_limit;
  CountFaults(generation.plan);
  context_.metrics.images.fetch_add(generation.api.images, std::memory_order_relaxed);
  context_.metrics.BeginGeneration();
  if (!context_.log) return;
  record_.id = generation.completion_id;
  record_.is_streaming = generation.api.is_streaming;
  record_.prompt_tokens = generation.api.prompt_tokens;
  record_.images = generation.api.images;
  record_.image_kinds = generation.api.image_kinds;
  if (!generation.api.is_streaming) return;
  const int64_t tokens = generation.plan.output_tokens * generation.api.choices;
  record_.token_sent_ns.reserve(static_cast<size_t>(std::min(tokens, kMaxReservedTokens)));
}

void ExchangeLedger::CountFaults(const GenerationPlan& plan) {
  const auto note = [this](Fault fault) {
    context_.metrics.CountFault(fault);
    if (!record_.faults.empty()) record_.faults += '+';
    record_.faults += ToString(fault);
  };
  if (plan.fate) note(*plan.fate);
  if (plan.drips) note(Fault::kDrip);
  if (plan.omits_usage) note(Fault::kNoUsage);
  if (plan.omits_done) note(Fault::kNoDone);
}

void ExchangeLedger::NoteAdmission(EngineModel::Admission admission, int64_t prompt_tokens) {
  ServerMetrics& metrics = context_.metrics;
  if (admission == EngineModel::Admission::kAccepted) {
    metrics.prompt_tokens.fetch_add(prompt_tokens, std::memory_order_relaxed);
    return;
  }
  was_admitted_ = false;
  if (admission == EngineModel::Admission::kOverloaded)
    metrics.refused_overloaded.fetch_add(1, std::memory_order_relaxed);
}

void ExchangeLedger::NoteSent(TimePoint at, int64_t tokens) {
  if (!std::exchange(has_sent_, true)) first_byte_at_ = at;
  last_byte_at_ = at;
  if (tokens == 0) return;
  if (tokens_sent_ == 0) {
    tally_.AddFirst(at - arrival_, tokens);
  } else {
    const Duration since = at - last_token_at_;
    tally_.AddLater(tokens == 1 ? since : since / tokens, tokens);
  }
  last_token_at_ = at;
  tokens_sent_ += tokens;
  if (context_.log)
    record_.token_sent_ns.insert(record_.token_sent_ns.end(), static_cast<size_t>(tokens), Nanoseconds(at));
}

void ExchangeLedger::EndCounts(std::string_view how) {
  ServerMetrics& metrics = context_.metrics;
  if (how == "disconnected") metrics.disconnects.fetch_add(1, std::memory_order_relaxed);
  if (!is_generation_) return;
  metrics.EndGeneration();
  if (!was_admitted_) return;
  if (!has_finished_) {
    metrics.finished_abort.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  metrics.e2e_request_latency.Observe(context_.clock.Now() - arrival_);
  (reaches_limit_ ? metrics.finished_length : metrics.finished_stop).fetch_add(1, std::memory_order_relaxed);
}

void ExchangeLedger::WriteLine(std::string_view how, LoggedRequest request) {
  record_.end = how;
  const TimePoint now = context_.clock.Now();
  record_.end_ns = Nanoseconds(how == "complete" ? last_byte_at_ : now);
  record_.first_byte_ns = has_sent_ ? Nanoseconds(first_byte_at_) : 0;
  record_.tokens = tokens_sent_;
  record_.arrival_wall_ns = (context_.clock.WallNow() - (now - arrival_)).time_since_epoch().count();
  record_.method = std::move(request.method);
  record_.route = std::move(request.path);
  record_.headers = std::move(request.headers);
  record_.body = std::move(request.body);
  context_.log->Write(std::move(record_));
}

}  // namespace llmdyno
