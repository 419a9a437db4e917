// The transport behind MakeVirtualTransport. Its functions lie in three files: transfers and time in
// virtual_transport.cc, what the endpoint does in virtual_answers.cc, what observers hear in
// virtual_delivery.cc.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "agenda.h"
#include "llmdyno/base/simulated_clock.h"
#include "llmdyno/net/limit_watch.h"
#include "llmdyno/net/transfer_limits.h"
#include "llmdyno/net/transport.h"
#include "scripted_pace.h"
#include "server_context.h"
#include "token_tally.h"
#include "virtual_transfer.h"

namespace llmdyno {

// What an answer takes that would take no time. Without it a closed loop over an endpoint that paces nothing
// would go round for ever at one instant.
inline constexpr Duration kShortestAnswer = std::chrono::microseconds(1);

class VirtualTransport final : public Transport {
 public:
  VirtualTransport(const SimConfig& config, SimulatedClock& clock, const TransferLimits& limits);
  ~VirtualTransport() override;

  absl::Status Open();

  void Start(int64_t id, const HttpRequest& request, TransferObserver& observer) override;
  void Cancel(int64_t id) override;
  void Poll(TimePoint deadline) override;
  void Wake() override { is_woken_.store(true); }
  TransportStats Stats() const override { return stats_; }
  void BeginStats() override { stats_ = {.is_simulated = true}; }

 private:
  enum class Step : uint8_t { kUnreachable, kBegin, kHead, kTokens, kReply, kBreakOff, kKeepalive };
  struct Due {
    uint64_t ticket;
    Step step;
  };

  static size_t SlotOf(uint64_t ticket) { return ticket & 0xFFFF'FFFF; }
  VirtualTransfer& Take();
  void Release(VirtualTransfer& transfer);
  // The transfer under way that has this ticket.
  VirtualTransfer* Find(uint64_t ticket);
  void Receive(VirtualTransfer& transfer, std::string_view path, const HttpRequest& request);

  TimePoint NextEvent() const;
  void AwaitWake();
  void RunAgenda();
  void RunEngine();
  void EnforceLimits();
  void WatchLimit(const VirtualTransfer& transfer) {
    limit_watch_.Watch(SlotOf(transfer.ticket), LimitAheadOf(transfer.progress, limits_).at, now_);
  }
  void Run(VirtualTransfer& transfer, Step step, TimePoint due);
  void Add(const VirtualTransfer& transfer, Step step, TimePoint due) {
    agenda_.Add(due, {transfer.ticket, step});
  }
  void AddAtOnce(const VirtualTransfer& transfer, Step step) { Add(transfer, step, now_ + kShortestAnswer); }

  void Begin(VirtualTransfer& transfer);
  void BeginGeneration(VirtualTransfer& transfer);
  EngineModel::Admission AskForTokens(VirtualTransfer& transfer);
  void StopTokens(VirtualTransfer& transfer);
  void RunScript(VirtualTransfer& transfer, TimePoint due);
  void SendComment(VirtualTransfer& transfer, TimePoint due);
  void TakeTokens(VirtualTransfer& transfer, int64_t tokens);
  void Pump(VirtualTransfer& transfer);
  void AnswerWhole(VirtualTransfer& transfer);
  void BreakOffOrStall(VirtualTransfer& transfer);

  // What the observer hears. False when it has ended the transfer meanwhile.
  bool GiveHead(VirtualTransfer& transfer, const ResponseHead& head);
  bool GiveStreamHead(VirtualTransfer& transfer);
  bool GiveBytes(VirtualTransfer& transfer, std::string_view bytes);
  bool GiveReply(VirtualTransfer& transfer, const HttpReply& reply, size_t body_bytes, int64_t tokens);
  void Complete(VirtualTransfer& transfer);
  void BreakOff(VirtualTransfer& transfer);
  void End(VirtualTransfer& transfer, std::string_view how, Outcome outcome);

  SimulatedClock& clock_;
  const TransferLimits limits_;
  ServerContext context_;
  TokenTally tally_;
  const ScriptedPace script_;
  std::optional<EngineModel> engine_;
  TimePoint now_;  // of the clock, which nobody else moves while it is used

  std::vector<std::unique_ptr<VirtualTransfer>> transfers_;
  std::vector<size_t> free_;
  std::unordered_map<int64_t, size_t> active_;
  uint64_t starts_ = 0;
  Agenda<Due> agenda_;
  // Told of every limit that a transfer comes under, so that no entry need come up before its deadline.
  LimitWatch limit_watch_;
  std::string bytes_;  // what is written next
  TransportStats stats_{.is_simulated = true};
  std::atomic<bool> is_woken_ = false;
};

}  // namespace llmdyno
