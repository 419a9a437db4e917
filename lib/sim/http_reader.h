// Requests out of a byte stream: HTTP/1.1, bodies of known length or in chunks, cut anywhere.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmdyno/base/secret.h"

namespace llmdyno {

struct ReceivedRequest {
  std::string method;
  std::string path;          // without the query
  std::string x_request_id;  // empty when the client sent none
  Secret bearer_token;
  std::vector<std::pair<std::string, std::string>>
      headers;  // names in lower case; none that hold credentials
  std::string body;
  bool keep_alive = true;
  bool is_http_1_0 = false;
};

// Reads one request after another from one connection.
class HttpReader {
 public:
  HttpReader();
  ~HttpReader();

  // Takes bytes from the front of `data` and returns how many; the rest must be offered again together with
  // what follows. Takes nothing once a request is complete or the input is malformed.
  size_t Feed(std::string_view data);

  bool is_complete() const;
  // The status to refuse a malformed or oversized request with.
  std::optional<int> FindError() const { return error_; }
  // True once per request whose client waits for "100 Continue" before it sends the body.
  bool TakeContinueRequest();
  // Needs is_complete(). Afterwards the reader is ready for the next request.
  ReceivedRequest Take();

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
  std::optional<int> error_;
  bool has_continued_ = false;
};

}  // namespace llmdyno
