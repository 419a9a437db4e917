// An answer in one piece, and what the faults do to it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "http_reply.h"
#include "llmdyno/sim/sim_config.h"
#include "request_answer.h"

namespace llmdyno {

struct WholeAnswer {
  HttpReply reply;
  size_t sent_body_bytes = 0;  // less than the body's when it breaks off
  int64_t tokens = 0;          // completion tokens in what is sent
  bool breaks_off = false;     // behind what is sent the connection closes or falls silent, as its fate is
};
WholeAnswer MakeWholeAnswer(const SimConfig& config, const Generation& generation);

}  // namespace llmdyno
