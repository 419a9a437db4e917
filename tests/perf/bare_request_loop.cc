#include "bare_request_loop.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "bare_loop.h"

namespace llmdyno {
namespace {

std::string RequestText() {
  const std::string body =
      R"({"model":"perf","messages":[{"role":"user","content":"Say in a few words what becomes of the water )"
      R"(in a river when the winter is long, the fields are dry and nobody has opened the lock since May."}],)"
      R"("max_tokens":4,"stream":false})";
  return "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

void Send(int socket, std::string_view request) {
  if (::send(socket, request.data(), request.size(), 0) == static_cast<ssize_t>(request.size())) return;
  std::perror("bare request loop");
  std::exit(1);
}

// Answers are short: each lies whole in one read.
bool IsAnswer(std::string_view response, simdjson::ondemand::parser& parser) {
  const size_t head_end = response.find("\r\n\r\n");
  if (!response.starts_with("HTTP/1.1 200") || head_end == std::string_view::npos) return false;
  const std::string_view body = response.substr(head_end + 4);
  simdjson::ondemand::document document;
  int64_t tokens = 0;
  return parser.iterate(body.data(), body.size(), body.size() + simdjson::SIMDJSON_PADDING).get(document) ==
             simdjson::SUCCESS &&
         document["usage"]["completion_tokens"].get_int64().get(tokens) == simdjson::SUCCESS && tokens > 0;
}

}  // namespace

BareLoopResult RunBareRequestLoop(int port, int connections, double seconds) {
  const std::string request = RequestText();
  BareLoop loop(port, connections);
  for (const int socket : loop.sockets()) Send(socket, request);
  simdjson::ondemand::parser parser;
  return loop.Run(seconds, [&](int socket, const char* bytes, ssize_t n) -> int64_t {
    if (n <= 0 || !IsAnswer({bytes, static_cast<size_t>(n)}, parser)) {
      std::fputs("bare request loop: an answer is not whole, or not what was asked for\n", stderr);
      std::exit(1);
    }
    Send(socket, request);
    return 1;
  });
}

}  // namespace llmdyno
