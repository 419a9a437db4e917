#include "bare_request_loop.h"

#include <simdjson.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "process.h"

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
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<int> sockets;
  for (int i = 0; i < connections; ++i) {
    const int socket = ConnectTo(port);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = socket;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
    sockets.push_back(socket);
  }
  constexpr size_t kBufferBytes = 64 * 1024;
  std::vector<char> buffer(kBufferBytes + simdjson::SIMDJSON_PADDING);
  simdjson::ondemand::parser parser;
  std::vector<epoll_event> events(512);
  BareLoopResult result;
  const double cpu_before = OwnCpuSeconds();
  const int64_t end_at = MonotonicNanoseconds() + static_cast<int64_t>(seconds * 1e9);
  for (const int socket : sockets) Send(socket, request);
  while (MonotonicNanoseconds() < end_at) {
    const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 100);
    for (int i = 0; i < count; ++i) {
      const int socket = events[static_cast<size_t>(i)].data.fd;
      const ssize_t read = ::recv(socket, buffer.data(), kBufferBytes, 0);
      if (read <= 0 || !IsAnswer({buffer.data(), static_cast<size_t>(read)}, parser)) {
        std::fputs("bare request loop: an answer is not whole, or not what was asked for\n", stderr);
        std::exit(1);
      }
      ++result.count;
      Send(socket, request);
    }
  }
  result.cpu_seconds = OwnCpuSeconds() - cpu_before;
  for (const int socket : sockets) ::close(socket);
  ::close(epoll);
  return result;
}

}  // namespace llmdyno
