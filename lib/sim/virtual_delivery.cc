// What the observer of a transfer hears.
#include <algorithm>

#include "virtual_transport.h"

namespace llmdyno {

bool VirtualTransport::GiveHead(VirtualTransfer& transfer, const ResponseHead& head) {
  const uint64_t ticket = transfer.ticket;
  transfer.status = head.status;
  transfer.ledger.NoteStatus(head.status);
  transfer.progress.first_byte_at = transfer.progress.last_bytes_at = now_;
  WatchLimit(transfer);
  transfer.observer->OnResponseHead(head, {now_, ArrivalClock::kSimulated, false});
  return transfer.ticket == ticket;
}

bool VirtualTransport::GiveStreamHead(VirtualTransfer& transfer) {
  transfer.stream->PassHead();
  transfer.ledger.NoteSent(now_, 0);
  return GiveHead(transfer, {.status = 200, .content_type = "text/event-stream", .retry_after = {}});
}

bool VirtualTransport::GiveBytes(VirtualTransfer& transfer, std::string_view bytes) {
  const uint64_t ticket = transfer.ticket;
  const ArrivalStamp stamp{now_, ArrivalClock::kSimulated, false};
  transfer.progress.last_bytes_at = now_;
  while (!bytes.empty()) {
    const size_t size =
        transfer.piece_bytes == 0 ? bytes.size() : std::min(bytes.size(), transfer.piece_bytes);
    ++stats_.reads;
    transfer.observer->OnBytes(bytes.substr(0, size), stamp);
    if (transfer.ticket != ticket) return false;
    bytes.remove_prefix(size);
  }
  return true;
}

bool VirtualTransport::GiveReply(VirtualTransfer& transfer, const HttpReply& reply, size_t body_bytes,
                                 int64_t tokens) {
  transfer.ledger.NoteSent(now_, tokens);
  const ResponseHead head{.status = reply.status,
                          .content_type = reply.content_type.substr(0, reply.content_type.find(';')),
                          .retry_after = reply.retry_after};
  if (!GiveHead(transfer, head)) return false;
  return transfer.is_head || GiveBytes(transfer, std::string_view(reply.body).substr(0, body_bytes));
}

void VirtualTransport::Complete(VirtualTransfer& transfer) {
  transfer.ledger.NoteFinished();
  End(transfer, "complete", {});
}

void VirtualTransport::BreakOff(VirtualTransfer& transfer) {
  End(transfer, "closed",
      Failure(OutcomeClass::kCutStream,
              transfer.status ? "the endpoint closed the connection before the response was whole"
                              : "the endpoint closed the connection without an answer"));
}

void VirtualTransport::End(VirtualTransfer& transfer, std::string_view how, Outcome outcome) {
  if (std::exchange(transfer.in_engine, false)) engine_->Cancel(transfer.ticket);
  if (transfer.is_served) transfer.ledger.End(how, [&] { return std::move(transfer.logged); });
  TransferResult result;
  result.outcome = std::move(outcome);
  result.outcome.http_status = transfer.status;
  result.ended_at = now_;
  result.sent_at = transfer.progress.sent_at;
  result.first_byte_at = transfer.progress.first_byte_at;
  result.http_version = transfer.status ? 11 : 0;
  TransferObserver* observer = transfer.observer;
  Release(transfer);
  observer->OnEnd(result);
}

}  // namespace llmdyno
