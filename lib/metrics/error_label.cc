#include "llmdyno/metrics/error_label.h"

namespace llmdyno {

std::string ErrorLabel(const Outcome& outcome) {
  switch (outcome.cls) {
    case OutcomeClass::kOk:
      return "";
    case OutcomeClass::kDnsFailed:
      return "Host name not resolved";
    case OutcomeClass::kConnectFailed:
      return "Connection failed";
    case OutcomeClass::kTlsFailed:
      return "TLS failed";
    case OutcomeClass::kSendFailed:
      return "Send failed";
    case OutcomeClass::kConnectTimeout:
    case OutcomeClass::kFirstByteTimeout:
    case OutcomeClass::kIdleTimeout:
    case OutcomeClass::kTotalTimeout:
      return "Timeout";
    case OutcomeClass::kHttpStatus:
    case OutcomeClass::kOverload:
      return outcome.http_status ? "HTTP " + std::to_string(*outcome.http_status) : "HTTP error";
    case OutcomeClass::kProviderError:
      return "Error in the response";
    case OutcomeClass::kCutStream:
      return "Response cut off";
    case OutcomeClass::kMalformedStream:
      return "Malformed response";
    case OutcomeClass::kEmpty:
      return "Empty response";
    case OutcomeClass::kCancelled:
      // By the drain deadline or by an interrupt, which ends the drain at once.
      return "Cancelled at the end of the drain";
  }
  return "Unknown";
}

}  // namespace llmdyno
