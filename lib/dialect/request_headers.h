// The headers of a request to an endpoint: ours, and the user's in their place.
#pragma once

#include <string_view>

#include "llmdyno/core/endpoint.h"
#include "llmdyno/core/http.h"
#include "llmdyno/core/request.h"

namespace llmdyno {

// Replaces the headers and the key of a request that is used again, keeping its memory. `accept` is the type
// of the wanted answer.
void WriteHeaders(const Request& request, const Endpoint& endpoint, std::string_view accept,
                  HttpRequest& http);

// The model that the body asks for: the request's own, else the endpoint's.
inline std::string_view ModelOf(const Request& request, const Endpoint& endpoint) {
  return request.model.empty() ? endpoint.model : request.model;
}

}  // namespace llmdyno
