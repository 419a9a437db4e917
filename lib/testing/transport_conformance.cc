#include "llmdyno/testing/transport_conformance.h"

#include <utility>

#include "testing/violations.h"

namespace llmdyno {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Hears of one transfer and watches the order of what it hears.
class Listener final : public TransferObserver {
 public:
  explicit Listener(Violations& found) : found_(found) {}

  void OnResponseHead(const ResponseHead& head, const ArrivalStamp& stamp) override {
    Hear(stamp);
    found_.Expect(!std::exchange(has_head_, true), "a response has two heads");
    found_.Expect(bytes_ == 0, "the head comes behind bytes of the body");
    status_ = head.status;
    if (on_head) on_head();
  }
  void OnBytes(std::string_view bytes, const ArrivalStamp& stamp) override {
    Hear(stamp);
    found_.Expect(has_head_, "bytes of the body come before the head");
    bytes_ += bytes.size();
    if (on_bytes) on_bytes();
  }
  void OnEnd(const TransferResult& result) override {
    found_.Expect(!has_ended(), "OnEnd comes twice");
    result_ = result;
    if (on_end) on_end();
  }

  bool has_ended() const { return result_.has_value(); }
  bool has_head() const { return has_head_; }
  int status() const { return status_; }
  size_t bytes() const { return bytes_; }
  const TransferResult& result() const { return *result_; }
  OutcomeClass cls() const { return result_->outcome.cls; }

  std::function<void()> on_head;
  std::function<void()> on_bytes;
  std::function<void()> on_end;

 private:
  void Hear(const ArrivalStamp& stamp) {
    found_.Expect(!has_ended(), "something is heard of a transfer after its end");
    found_.Expect(stamp.at >= last_, "arrival instants of one response go back");
    last_ = stamp.at;
  }

  Violations& found_;
  bool has_head_ = false;
  int status_ = 0;
  size_t bytes_ = 0;
  TimePoint last_;
  std::optional<TransferResult> result_;
};

class Check {
 public:
  Check(const MakeTransport& make, const Clock& clock, const TransportSamples& samples, Violations& found)
      : transport_(make()), clock_(clock), samples_(samples), found_(found) {}

  bool is_made() const { return transport_ != nullptr; }

  void Answers() {
    const int64_t id = next_id_++;
    Listener& listener = Start(id, samples_.answered);
    if (!PollUntilEnded(listener)) return;
    found_.Expect(listener.cls() == OutcomeClass::kOk,
                  "an answered request ends as " + std::string(ToString(listener.cls())));
    found_.Expect(listener.status() == 200 && listener.bytes() > 0, "the answer's head or body is missing");
    const TransferResult& result = listener.result();
    found_.Expect(result.sent_at && result.first_byte_at,
                  "an answered request has no instants of sending and of the first byte");
    found_.Expect(result.http_version != 0, "the version of HTTP is not told");
    if (result.first_byte_at)
      found_.Expect(result.ended_at >= *result.first_byte_at, "a response ends before its first byte");
    PollUntilEnded(Start(id, samples_.answered));  // the same id again, now that it is free
  }

  void ManyAtOnce() {
    std::vector<Listener*> listeners;
    for (int i = 0; i < 20; ++i) listeners.push_back(&Start(next_id_++, samples_.answered));
    for (const Listener* listener : listeners) {
      if (PollUntilEnded(*listener))
        found_.Expect(listener->cls() == OutcomeClass::kOk, "of many requests at once some fail");
    }
  }

  void StartsFromEnd() {
    Listener* second = nullptr;
    Listener& first = Start(next_id_++, samples_.answered);
    first.on_end = [&] { second = &Start(next_id_++, samples_.answered); };
    if (PollUntilEnded(first)) PollUntilEnded(*second);
  }

  void Cancels() {
    const int64_t id = next_id_++;
    const Listener& silent = Start(id, samples_.silent);
    for (int i = 0; i < 3; ++i) transport_->Poll(clock_.Now() + milliseconds(5));
    found_.Expect(!silent.has_ended(), "a silent request ends by itself");
    transport_->Cancel(next_id_);  // nobody has that id
    transport_->Cancel(id);
    if (!found_.Expect(silent.has_ended(), "Cancel returns before OnEnd came")) return;
    found_.Expect(silent.cls() == OutcomeClass::kCancelled, "a cancelled request ends as something else");
    transport_->Cancel(id);
    for (int i = 0; i < 3; ++i) transport_->Poll(clock_.Now() + milliseconds(5));
  }

  void CancelsFromInside() {
    for (const bool from_head : {true, false}) {
      const int64_t silent_id = next_id_++;
      const int64_t answered_id = next_id_++;
      Listener& silent = NewListener();
      Listener& answered = NewListener();
      (from_head ? answered.on_head : answered.on_bytes) = [&, silent_id, answered_id] {
        transport_->Cancel(silent_id);
        transport_->Cancel(answered_id);
        found_.Expect(silent.has_ended() && answered.has_ended(),
                      "Cancel from inside an observer ends no transfer");
      };
      transport_->Start(silent_id, samples_.silent, silent);
      transport_->Start(answered_id, samples_.answered, answered);
      if (PollUntilEnded(answered)) {
        found_.Expect(answered.cls() == OutcomeClass::kCancelled,
                      "a request that is cancelled from inside ends as something else");
      }
      answered.on_head = answered.on_bytes = {};
    }
    ManyAtOnce();  // it works as before
  }

  void Fails() {
    const Listener& dead = Start(next_id_++, samples_.dead);
    found_.Expect(!dead.has_ended(), "Start fails on the spot instead of telling it from Poll");
    if (!PollUntilEnded(dead)) return;
    found_.Expect(!dead.result().outcome.ok(), "a request that cannot be connected ends well");
    found_.Expect(!dead.result().outcome.message.empty(), "a failure has no message");
    found_.Expect(!dead.has_head() && !dead.result().first_byte_at,
                  "a request that cannot be connected has a response");
  }

  void Polls() {
    transport_->Poll(clock_.Now() - seconds(1));  // does not wait
    const TimePoint deadline = clock_.Now() + milliseconds(10);
    while (clock_.Now() < deadline) transport_->Poll(deadline);
    transport_->Wake();
    transport_->Poll(clock_.Now() + std::chrono::hours(24));  // would hang the check
    const int64_t id = next_id_++;
    Start(id, samples_.silent);
    transport_->Wake();
    transport_->Poll(clock_.Now() + seconds(30));
    transport_->Cancel(id);
  }

 private:
  Listener& NewListener() { return *listeners_.emplace_back(std::make_unique<Listener>(found_)); }

  Listener& Start(int64_t id, const HttpRequest& request) {
    Listener& listener = NewListener();
    transport_->Start(id, request, listener);
    return listener;
  }

  bool PollUntilEnded(const Listener& listener) {
    const TimePoint deadline = clock_.Now() + seconds(30);
    while (!listener.has_ended() && clock_.Now() < deadline) transport_->Poll(deadline);
    return found_.Expect(listener.has_ended(), "a request has not ended after 30 s");
  }

  // They outlive the transport: one that breaks the rules may speak to them at any time.
  std::vector<std::unique_ptr<Listener>> listeners_;
  const std::unique_ptr<Transport> transport_;
  const Clock& clock_;
  const TransportSamples& samples_;
  Violations& found_;
  int64_t next_id_ = 0;
};

}  // namespace

std::vector<std::string> CheckTransport(const MakeTransport& make, const Clock& clock,
                                        const TransportSamples& samples) {
  Violations found;
  for (void (Check::*part)() : {&Check::Answers, &Check::ManyAtOnce, &Check::StartsFromEnd, &Check::Cancels,
                                &Check::CancelsFromInside, &Check::Fails, &Check::Polls}) {
    Check check(make, clock, samples, found);
    if (!found.Expect(check.is_made(), "no transport was made")) break;
    (check.*part)();
  }
  return found.Take();
}

}  // namespace llmdyno
