#include "llmdyno/core/outcome.h"

#include <array>
#include <utility>

namespace llmdyno {
namespace {

constexpr std::array<std::pair<OutcomeClass, std::string_view>, 16> kNames = {{
    {OutcomeClass::kOk, "ok"},
    {OutcomeClass::kDnsFailed, "dns_failed"},
    {OutcomeClass::kConnectFailed, "connect_failed"},
    {OutcomeClass::kTlsFailed, "tls_failed"},
    {OutcomeClass::kSendFailed, "send_failed"},
    {OutcomeClass::kConnectTimeout, "connect_timeout"},
    {OutcomeClass::kFirstByteTimeout, "first_byte_timeout"},
    {OutcomeClass::kIdleTimeout, "idle_timeout"},
    {OutcomeClass::kTotalTimeout, "total_timeout"},
    {OutcomeClass::kHttpStatus, "http_status"},
    {OutcomeClass::kOverload, "overload"},
    {OutcomeClass::kProviderError, "provider_error"},
    {OutcomeClass::kCutStream, "cut_stream"},
    {OutcomeClass::kMalformedStream, "malformed_stream"},
    {OutcomeClass::kEmpty, "empty"},
    {OutcomeClass::kCancelled, "cancelled"},
}};

}  // namespace

std::string_view ToString(OutcomeClass cls) {
  for (const auto& [value, name] : kNames) {
    if (value == cls) return name;
  }
  return "unknown";
}

std::optional<OutcomeClass> ParseOutcomeClass(std::string_view text) {
  for (const auto& [value, name] : kNames) {
    if (name == text) return value;
  }
  return std::nullopt;
}

}  // namespace llmdyno
