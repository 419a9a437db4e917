#include "llmdyno/metrics/late_send.h"

#include "llmdyno/metrics/request_metrics.h"

namespace llmdyno {

bool IsSentLate(const RequestRecord& record) {
  const Duration lag = SendLag(record);
  if (lag <= kLateSendAfter) return false;
  return record.user_request != 1 || lag > E2e(record) / 10;
}

}  // namespace llmdyno
