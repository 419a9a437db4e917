#include "net/arrival_ledger.h"

namespace llmdyno {
namespace {

// How far the receive queue is looked at; above every read buffer, so that what waits is always seen whole.
constexpr size_t kPeekBytes = size_t{128} * 1024;

}  // namespace

void ArrivalLedger::Begin(int socket) {
  socket_ = socket;
  waiting_ = {};
  taken_ = 0;
}

void ArrivalLedger::Peek() {
  if (waiting_.bytes == 0) Note(use_kernel_stamps_ ? stamper_.Peek(socket_, kPeekBytes) : Waiting());
}

std::string_view ArrivalLedger::Look() {
  std::string_view bytes;
  Note(stamper_.Look(socket_, kLookBytes, bytes));
  return bytes;
}

void ArrivalLedger::Discard(size_t count) {
  if (count > 0) stamper_.Discard(socket_, count);
  waiting_.bytes -= count;
  taken_ = 0;
}

void ArrivalLedger::Note(const Waiting& waiting) {
  waiting_ = waiting;
  if (waiting.stamp) ++kernel_stamps_;
  read_lag_.Add(clock_.Now() - waiting.stamp.value_or(woken_at_));
}

ArrivalStamp ArrivalLedger::Take(size_t bytes) {
  taken_ += bytes;
  ArrivalStamp stamp{woken_at_, ArrivalClock::kWakeUp, true};
  if (waiting_.stamp && taken_ <= waiting_.bytes) {
    stamp = {*waiting_.stamp, ArrivalClock::kKernel, false};
  } else if (waiting_.stamp) {
    stamp.at = clock_.Now();  // they came after we looked
  }
  if (may_multiplex_) last_stamps_[socket_] = stamp;
  return stamp;
}

ArrivalStamp ArrivalLedger::TakeLater(int socket) const {
  if (const auto found = last_stamps_.find(socket); found != last_stamps_.end()) {
    ArrivalStamp stamp = found->second;
    stamp.upper_bound = true;
    return stamp;
  }
  return {clock_.Now(), ArrivalClock::kWakeUp, true};
}

void ArrivalLedger::AddTo(TransportStats& stats) const {
  stats.kernel_stamps = kernel_stamps_;
  stats.wall_clock_steps = stamper_.wall_clock_steps() - steps_before_;
  stats.read_lag_p50 = read_lag_.Quantile(0.50);
  stats.read_lag_p99 = read_lag_.Quantile(0.99);
  stats.read_lag_max = read_lag_.max();
}

void ArrivalLedger::ForgetCounts() {
  kernel_stamps_ = 0;
  steps_before_ = stamper_.wall_clock_steps();
  read_lag_ = LagHistogram();
}

}  // namespace llmdyno
