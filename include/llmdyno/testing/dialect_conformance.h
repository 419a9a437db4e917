// What every Dialect must keep to, as a check that needs no test framework. Authors of dialects call it in a
// test of their own. Everything is called on the caller's thread.
#pragma once

#include <string>
#include <vector>

#include "llmdyno/core/endpoint.h"
#include "llmdyno/core/request.h"
#include "llmdyno/dialect/dialect.h"

namespace llmdyno {

// What the check works with. The author of a dialect writes these for his own API.
struct DialectSamples {
  // A body as the API sends it.
  struct Response {
    std::string content_type;  // lower case, without parameters
    std::string body;          // complete and good, with at least one text, vector or score in it
  };
  std::vector<Request> carried;     // requests that the dialect can carry; at least one
  std::vector<Request> refused;     // requests that it cannot
  std::vector<Response> responses;  // at least one
};

// Encodes each request and decodes each response in every chunking, broken off, damaged and one after the
// other. Returns one sentence for each rule that is violated; empty when the dialect keeps to all of them.
std::vector<std::string> CheckDialect(const Dialect& dialect, const DialectSamples& samples);

}  // namespace llmdyno
