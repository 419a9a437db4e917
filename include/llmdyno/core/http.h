// An HTTP request as plain values: what a Dialect produces and a Transport moves.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "llmdyno/base/secret.h"

namespace llmdyno {

// One header as it goes over the wire.
struct HttpHeader {
  std::string name;
  std::string value;
};

// One request, complete but for what the transport adds (Host, Content-Length).
struct HttpRequest {
  std::string method = "POST";
  std::string url;
  std::vector<HttpHeader> headers;
  Secret bearer_token;  // sent as "Authorization: Bearer …" when not empty
  std::string body;
};

}  // namespace llmdyno
