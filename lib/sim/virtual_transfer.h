// One transfer in virtual time: what is kept of it between two events.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "exchange_ledger.h"
#include "http_reply.h"
#include "llmdyno/net/limit_ahead.h"
#include "llmdyno/net/transport.h"
#include "request_answer.h"
#include "stream_answer.h"

namespace llmdyno {

inline Outcome Failure(OutcomeClass cls, std::string message) {
  Outcome outcome;
  outcome.cls = cls;
  outcome.message = std::move(message);
  return outcome;
}

// Used again for later transfers.
struct VirtualTransfer {
  VirtualTransfer(ServerContext& context, TokenTally& tally) : ledger(context, tally) {}

  bool is_streaming() const { return generation && generation->api.is_streaming; }

  // Touched for every token, so kept together.
  uint64_t ticket = 0;  // tells it from earlier ones in the same place; 0: free
  TransferObserver* observer = nullptr;
  size_t piece_bytes = 0;  // bytes per write, 0 for no limit
  std::optional<StreamAnswer> stream;
  ExchangeLedger ledger;
  TransferProgress progress;

  int64_t id = 0;
  bool is_served = false;    // the endpoint has received it
  bool is_head = false;      // wants the head of the answer alone
  bool in_engine = false;    // has a sequence there
  bool has_stopped = false;  // wants no more tokens though it goes on
  int64_t tokens_left = 0;   // of the output, that are not available yet
  std::optional<Generation> generation;
  HttpReply reply;            // unless it is a generation, or one that was refused
  std::optional<int> status;  // once the head was given
  LoggedRequest logged;       // with a log
};

}  // namespace llmdyno
