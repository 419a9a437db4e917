// How long a transfer may take, whatever moves it. A plain value. Transports are made with it.
#pragma once

#include "llmdyno/base/time.h"

namespace llmdyno {

// Each limit has an outcome class of its own. Zero means no limit.
struct TransferLimits {
  Duration connect = std::chrono::seconds(30);
  Duration first_byte = std::chrono::seconds(300);  // from the send; a long queue on the server is normal
  Duration idle = std::chrono::seconds(120);        // between two reads once the response has begun
  Duration total = std::chrono::seconds(600);
};

}  // namespace llmdyno
