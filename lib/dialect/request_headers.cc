#include "dialect/request_headers.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

namespace llmdyno {
namespace {

bool IsSameName(std::string_view a, std::string_view b) {
  const auto lower = [](unsigned char c) { return std::tolower(c); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](unsigned char x, unsigned char y) { return lower(x) == lower(y); });
}

bool HasHeader(const std::vector<HttpHeader>& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const HttpHeader& header) { return IsSameName(header.name, name); });
}

// Overwrites header after header, so that their strings keep their memory.
class HeaderWriter {
 public:
  explicit HeaderWriter(std::vector<HttpHeader>& headers) : headers_(headers) {}
  // Returns the value, to be appended to.
  std::string& Add(std::string_view name, std::string_view value) {
    if (count_ == headers_.size()) headers_.emplace_back();
    HttpHeader& header = headers_[count_++];
    header.name = name;
    return header.value = value;
  }
  void Close() { headers_.resize(count_); }

 private:
  std::vector<HttpHeader>& headers_;
  size_t count_ = 0;
};

}  // namespace

void WriteHeaders(const Request& request, const Endpoint& endpoint, std::string_view accept,
                  HttpRequest& http) {
  if (HasHeader(endpoint.headers, "Authorization")) {
    http.bearer_token = Secret();
  } else {
    http.bearer_token = endpoint.api_key;
  }
  // A header that the user gives takes the place of ours: sent twice, many servers refuse it.
  HeaderWriter headers(http.headers);
  const auto is_ours = [&](std::string_view name) { return !HasHeader(endpoint.headers, name); };
  if (is_ours("Content-Type")) headers.Add("Content-Type", "application/json");
  if (is_ours("Accept")) headers.Add("Accept", accept);
  // Lets the endpoint's own log be joined with ours.
  if (is_ours("X-Request-Id")) headers.Add("X-Request-Id", "llmdyno-") += std::to_string(request.id);
  for (const HttpHeader& header : endpoint.headers) headers.Add(header.name, header.value);
  headers.Close();
}

}  // namespace llmdyno
