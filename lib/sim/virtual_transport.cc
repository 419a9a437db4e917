#include "llmdyno/sim/virtual_transport.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <thread>

#include "credential_header.h"
#include "llmdyno/base/status_macros.h"
#include "virtual_transport.h"

namespace llmdyno {
namespace {

// The path of a URL of this endpoint, without the query; nothing for any other host.
std::optional<std::string_view> FindPath(std::string_view url) {
  if (!url.starts_with(kVirtualUrl)) return std::nullopt;
  url.remove_prefix(kVirtualUrl.size());
  if (!url.empty() && url.front() != '/' && url.front() != '?') return std::nullopt;
  const std::string_view path = url.substr(0, url.find('?'));
  return path.empty() ? "/" : path;
}

char LowerCase(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string_view FindHeader(const HttpRequest& request, std::string_view lower_name) {
  for (const HttpHeader& header : request.headers) {
    const bool is_same = std::equal(header.name.begin(), header.name.end(), lower_name.begin(),
                                    lower_name.end(), [](char a, char b) { return LowerCase(a) == b; });
    if (is_same) return header.value;
  }
  return {};
}

LoggedRequest LoggedRequestOf(std::string_view path, const HttpRequest& request) {
  LoggedRequest logged{
      .method = request.method, .path = std::string(path), .headers = {}, .body = request.body};
  for (const HttpHeader& header : request.headers) {
    std::string name = header.name;
    std::transform(name.begin(), name.end(), name.begin(), LowerCase);
    if (!HoldsCredentials(name)) logged.headers.emplace_back(std::move(name), header.value);
  }
  return logged;
}

}  // namespace

VirtualTransport::VirtualTransport(const SimConfig& config, SimulatedClock& clock,
                                   const TransferLimits& limits)
    : clock_(clock),
      limits_(limits),
      context_{.config = config, .clock = clock},
      tally_(context_.metrics, false),
      script_(context_.config),
      now_(clock.Now()),
      limit_watch_({}) {
  context_.chat_wording = MakeStreamWording(config, ApiRoute::kChat);
  context_.completions_wording = MakeStreamWording(config, ApiRoute::kCompletions);
  if (config.pace == SimPace::kEngine) engine_.emplace(config.engine);
  context_.stats = [this] { return context_.metrics.ToStats(); };
  context_.gauges = [this] {
    return engine_ ? GaugesOf(*engine_) : EngineGauges{.running = context_.metrics.in_flight.load()};
  };
}

absl::Status VirtualTransport::Open() {
  if (context_.config.log_path.empty()) return absl::OkStatus();
  LLMDYNO_ASSIGN_OR_RETURN(context_.log, RequestLog::Open(context_.config.log_path));
  return absl::OkStatus();
}

// The log has its lines all the same; the observers may be gone.
VirtualTransport::~VirtualTransport() {
  for (const auto& transfer : transfers_) {
    if (transfer->ticket != 0 && transfer->is_served)
      transfer->ledger.End("stopped", [&] { return std::move(transfer->logged); });
  }
}

VirtualTransfer& VirtualTransport::Take() {
  if (free_.empty()) {
    free_.push_back(transfers_.size());
    transfers_.push_back(std::make_unique<VirtualTransfer>(context_, tally_));
  }
  const size_t slot = free_.back();
  free_.pop_back();
  VirtualTransfer& transfer = *transfers_[slot];
  // The place and, so that one is never taken for another, the number of the start.
  transfer.ticket = (++starts_ << 32) | slot;
  return transfer;
}

void VirtualTransport::Release(VirtualTransfer& transfer) {
  active_.erase(transfer.id);
  free_.push_back(SlotOf(transfer.ticket));
  transfer.ticket = 0;
  transfer.observer = nullptr;
}

VirtualTransfer* VirtualTransport::Find(uint64_t ticket) {
  VirtualTransfer& transfer = *transfers_[SlotOf(ticket)];
  return transfer.ticket == ticket ? &transfer : nullptr;
}

void VirtualTransport::Start(int64_t id, const HttpRequest& request, TransferObserver& observer) {
  assert(!active_.contains(id));
  now_ = clock_.Now();
  VirtualTransfer& transfer = Take();
  active_.emplace(id, SlotOf(transfer.ticket));
  transfer.id = id;
  transfer.observer = &observer;
  transfer.progress = {.started_at = now_, .last_bytes_at = now_};
  transfer.is_served = transfer.in_engine = transfer.has_stopped = false;
  transfer.generation.reset();
  transfer.stream.reset();
  transfer.status.reset();
  if (const auto path = FindPath(request.url)) {
    transfer.progress.sent_at = now_;
    Receive(transfer, *path, request);
  } else {
    AddAtOnce(transfer, Step::kUnreachable);
  }
  WatchLimit(transfer);
}

void VirtualTransport::Receive(VirtualTransfer& transfer, std::string_view path, const HttpRequest& request) {
  transfer.is_served = true;
  transfer.is_head = request.method == "HEAD";
  transfer.piece_bytes = static_cast<size_t>(context_.config.split_bytes);
  transfer.ledger.Begin(now_, FindHeader(request, "x-request-id"));
  if (context_.log) transfer.logged = LoggedRequestOf(path, request);
  tally_.Flush();  // a page may show the counters
  auto answer = DecideAnswer(
      context_,
      {.method = request.method, .path = path, .bearer_token = request.bearer_token, .body = request.body});
  if (auto* reply = std::get_if<HttpReply>(&answer)) {
    transfer.reply = std::move(*reply);
  } else {
    transfer.generation = std::move(std::get<Generation>(answer));
    if (transfer.generation->plan.drips) transfer.piece_bytes = 1;
    transfer.ledger.BeginGeneration(*transfer.generation);
  }
  if (context_.config.delay == Duration(0)) return Begin(transfer);
  Add(transfer, Step::kBegin, now_ + context_.config.delay);
}

void VirtualTransport::Cancel(int64_t id) {
  const auto found = active_.find(id);
  if (found == active_.end()) return;
  now_ = clock_.Now();
  End(*transfers_[found->second], "disconnected", Failure(OutcomeClass::kCancelled, "cancelled"));
}

TimePoint VirtualTransport::NextEvent() const {
  const TimePoint step = engine_ ? engine_->NextStepAt().value_or(kEndOfTime) : kEndOfTime;
  return std::min({agenda_.next(), step, limit_watch_.next()});
}

void VirtualTransport::Poll(TimePoint deadline) {
  if (is_woken_.exchange(false)) return;
  const TimePoint until = std::min(NextEvent(), deadline);
  if (until == kEndOfTime) return AwaitWake();
  clock_.AdvanceTo(until);
  now_ = clock_.Now();
  RunAgenda();
  RunEngine();
  EnforceLimits();
}

// Nothing is ever going to happen. A socket would wait just like that for whoever stops the run.
void VirtualTransport::AwaitWake() {
  while (!is_woken_.exchange(false)) std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

void VirtualTransport::RunAgenda() {
  while (agenda_.next() <= now_) {
    auto round = agenda_.Take();
    for (const Due& due : round->items) {
      if (VirtualTransfer* transfer = Find(due.ticket)) Run(*transfer, due.step, round->due);
    }
    agenda_.GiveBack(std::move(round));
  }
}

void VirtualTransport::Run(VirtualTransfer& transfer, Step step, TimePoint due) {
  switch (step) {
    case Step::kUnreachable:
      return End(transfer, "",
                 Failure(OutcomeClass::kDnsFailed,
                         "in virtual time there is no network and no host but " + std::string(kVirtualUrl)));
    case Step::kBegin:
      return Begin(transfer);
    case Step::kHead:
      if (transfer.stream->at_head()) Pump(transfer);
      return;
    case Step::kTokens:
      return RunScript(transfer, due);
    case Step::kReply:
      if (GiveReply(transfer, transfer.reply, transfer.reply.body.size(), 0)) Complete(transfer);
      return;
    case Step::kBreakOff:
      return BreakOff(transfer);
    case Step::kKeepalive:
      return SendComment(transfer, due);
  }
}

void VirtualTransport::RunEngine() {
  if (!engine_) return;
  for (auto next = engine_->NextStepAt(); next && *next <= now_; next = engine_->NextStepAt()) {
    for (const EngineModel::Emission& emission : engine_->Step(now_)) {
      VirtualTransfer* transfer = Find(emission.id);
      if (transfer == nullptr || transfer->has_stopped) continue;  // gone at this very instant
      if (emission.finished) transfer->in_engine = false;
      TakeTokens(*transfer, emission.tokens);
    }
  }
}

void VirtualTransport::EnforceLimits() {
  while (const std::optional<size_t> slot = limit_watch_.TakeDue(now_)) {
    VirtualTransfer& transfer = *transfers_[*slot];
    if (transfer.ticket == 0) continue;  // has ended
    const LimitAhead limit = LimitAheadOf(transfer.progress, limits_);
    if (limit.at > now_) {
      limit_watch_.Watch(*slot, limit.at, now_);
      continue;
    }
    End(transfer, "disconnected", Failure(limit.cls, DescribeLimit(limit.cls, limits_)));
  }
}

absl::StatusOr<std::unique_ptr<Transport>> MakeVirtualTransport(const SimConfig& config,
                                                                SimulatedClock& clock,
                                                                const TransferLimits& limits) {
  LLMDYNO_RETURN_IF_ERROR(config.Validate());
  auto transport = std::make_unique<VirtualTransport>(config, clock, limits);
  LLMDYNO_RETURN_IF_ERROR(transport->Open());
  return transport;
}

}  // namespace llmdyno
