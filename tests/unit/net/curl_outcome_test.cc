#include "net/curl_outcome.h"

#include "support/catch.h"

using namespace llmdyno;

TEST_CASE("Each libcurl error that a transfer can end with has its class", "[curl_outcome]") {
  const std::vector<std::pair<CURLcode, OutcomeClass>> classes = {
      {CURLE_COULDNT_RESOLVE_HOST, OutcomeClass::kDnsFailed},
      {CURLE_COULDNT_RESOLVE_PROXY, OutcomeClass::kDnsFailed},
      {CURLE_COULDNT_CONNECT, OutcomeClass::kConnectFailed},
      {CURLE_PROXY, OutcomeClass::kConnectFailed},
      {CURLE_URL_MALFORMAT, OutcomeClass::kConnectFailed},
      {CURLE_SSL_CONNECT_ERROR, OutcomeClass::kTlsFailed},
      {CURLE_PEER_FAILED_VERIFICATION, OutcomeClass::kTlsFailed},
      {CURLE_SSL_CACERT_BADFILE, OutcomeClass::kTlsFailed},
      {CURLE_SEND_ERROR, OutcomeClass::kSendFailed},
      {CURLE_GOT_NOTHING, OutcomeClass::kCutStream},
      {CURLE_PARTIAL_FILE, OutcomeClass::kCutStream},
      {CURLE_RECV_ERROR, OutcomeClass::kCutStream},
      {CURLE_HTTP2_STREAM, OutcomeClass::kCutStream},
      {CURLE_HTTP2, OutcomeClass::kCutStream},
      {CURLE_WEIRD_SERVER_REPLY, OutcomeClass::kMalformedStream},
      {CURLE_UNSUPPORTED_PROTOCOL, OutcomeClass::kMalformedStream},
      {CURLE_BAD_CONTENT_ENCODING, OutcomeClass::kMalformedStream},
  };
  for (const auto& [code, expected] : classes) {
    for (const bool response_began : {false, true}) {
      const Outcome outcome = OutcomeOf(code, "", response_began);
      INFO(curl_easy_strerror(code));
      CHECK(ToString(outcome.cls) == ToString(expected));
      CHECK(outcome.message == curl_easy_strerror(code));
    }
  }
}

TEST_CASE("A timeout of libcurl's own is one of connecting until the response begins", "[curl_outcome]") {
  CHECK(OutcomeOf(CURLE_OPERATION_TIMEDOUT, "", false).cls == OutcomeClass::kConnectTimeout);
  CHECK(OutcomeOf(CURLE_OPERATION_TIMEDOUT, "", true).cls == OutcomeClass::kTotalTimeout);
}

TEST_CASE("No error is ok without a message, and the error buffer says more than the code",
          "[curl_outcome]") {
  CHECK(OutcomeOf(CURLE_OK, "left over", true).ok());
  CHECK(OutcomeOf(CURLE_OK, "left over", true).message.empty());
  CHECK(OutcomeOf(CURLE_COULDNT_CONNECT, "Failed to connect to h port 1", false).message ==
        "Failed to connect to h port 1");
}
