#include "net/curl_outcome.h"

#include <string>

namespace llmdyno {
namespace {

OutcomeClass ClassOf(CURLcode code, bool response_began) {
  switch (code) {
    case CURLE_OK:
      return OutcomeClass::kOk;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return OutcomeClass::kDnsFailed;
    case CURLE_COULDNT_CONNECT:
    case CURLE_URL_MALFORMAT:
    case CURLE_INTERFACE_FAILED:
    case CURLE_PROXY:
      return OutcomeClass::kConnectFailed;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CLIENTCERT:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_USE_SSL_FAILED:
      return OutcomeClass::kTlsFailed;
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND:
      return OutcomeClass::kSendFailed;
    case CURLE_OPERATION_TIMEDOUT:
      return response_began ? OutcomeClass::kTotalTimeout : OutcomeClass::kConnectTimeout;
    // Of an http or https URL this means that what answered does not speak HTTP ("Received HTTP/0.9 when not
    // allowed").
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
      return OutcomeClass::kMalformedStream;
    default:
      // GOT_NOTHING, PARTIAL_FILE, RECV_ERROR, HTTP2, HTTP2_STREAM, …: a connection that stood and then did
      // not.
      return OutcomeClass::kCutStream;
  }
}

}  // namespace

Outcome OutcomeOf(CURLcode code, std::string_view detail, bool response_began) {
  Outcome outcome;
  outcome.cls = ClassOf(code, response_began);
  if (!outcome.ok()) outcome.message = detail.empty() ? curl_easy_strerror(code) : std::string(detail);
  return outcome;
}

}  // namespace llmdyno
