#include "bare_epoll_loop.h"

#include <arpa/inet.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "bare_loop.h"

namespace llmdyno {
namespace {

void BeginStream(int socket) {
  const std::string body =
      R"({"model":"m","stream":true,"ignore_eos":true,"max_tokens":1000000,)"
      R"("stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hello there"}]})";
  const std::string request =
      "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  if (::send(socket, request.data(), request.size(), 0) != static_cast<ssize_t>(request.size())) {
    std::perror("bare loop");
    std::exit(1);
  }
}

// Events lie whole in one read here: the endpoint writes one at a time.
int64_t CountTokens(char* begin, char* end, const char* buffer_end, simdjson::ondemand::parser& parser) {
  int64_t tokens = 0;
  while (begin < end) {
    auto* data = static_cast<char*>(::memmem(begin, static_cast<size_t>(end - begin), "data: ", 6));
    if (data == nullptr) break;
    data += 6;
    auto* tail = static_cast<char*>(::memmem(data, static_cast<size_t>(end - data), "\n\n", 2));
    if (tail == nullptr) break;
    simdjson::ondemand::document document;
    std::string_view content;
    const bool parsed =
        parser.iterate(data, static_cast<size_t>(tail - data), static_cast<size_t>(buffer_end - data))
            .get(document) == simdjson::SUCCESS;
    if (parsed &&
        document["choices"].at(0)["delta"]["content"].get_string().get(content) == simdjson::SUCCESS)
      ++tokens;
    begin = tail + 2;
  }
  return tokens;
}

}  // namespace

int ConnectTo(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    std::perror("bare loop");
    std::exit(1);
  }
  return socket;
}

BareLoopResult RunBareLoop(int port, int streams, double seconds) {
  BareLoop loop(port, streams);
  for (const int socket : loop.sockets()) BeginStream(socket);
  simdjson::ondemand::parser parser;
  return loop.Run(seconds, [&](int /*socket*/, char* bytes, ssize_t n) -> int64_t {
    return n > 0 ? CountTokens(bytes, bytes + n, loop.buffer_end(), parser) : 0;
  });
}

}  // namespace llmdyno
