#include "cli/request_route.h"

namespace llmdyno {

std::string RequestRoute(const RunSpec& run, const Dialect& dialect) {
  if (run.endpoint.url.origin.empty()) return "";
  // The dialect knows its route: it is asked to spell a request that it can carry.
  HttpRequest http;
  for (const RequestBody& body : {RequestBody(ChatBody{{{"user", "x"}}}), RequestBody(CompletionBody{"x"}),
                                  RequestBody(EmbeddingBody{{"x"}}), RequestBody(RerankBody{"x", {"x"}})}) {
    Request request;
    request.body = body;
    if (dialect.Encode(request, run.endpoint, http).ok()) return http.url;
  }
  return "";
}

}  // namespace llmdyno
