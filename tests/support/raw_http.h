// A blocking HTTP client of a page, for tests that want to see the bytes: what comes in which chunk, when the
// connection ends, what a client does that no library would.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace llmdyno {

struct RawResponse {
  int status = 0;                              // 0: the connection ended before a status line
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  std::vector<std::string> chunks;  // of a chunked body, the terminating one left out
  bool is_complete = false;  // its end was seen: length reached, last chunk, or close where that is the end
};

// One connection to a port of this machine. Reads give up after 30 s, so that a broken server fails a test
// rather than hanging it.
class RawHttp {
 public:
  explicit RawHttp(uint16_t port, int receive_buffer_bytes = 0) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{.tv_sec = 30, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (receive_buffer_bytes > 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
    }
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot connect to port " + std::to_string(port));
    }
  }
  ~RawHttp() { Close(); }
  RawHttp(const RawHttp&) = delete;
  RawHttp& operator=(const RawHttp&) = delete;

  void Close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t size = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0) throw std::runtime_error("the server closed while the request was sent");
      bytes.remove_prefix(static_cast<size_t>(size));
    }
  }

  // The bytes of one read; empty at the end of the connection.
  std::string ReadSome() {
    if (!unread_.empty()) return std::exchange(unread_, {});
    std::string bytes(65536, '\0');
    const ssize_t size = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      throw std::runtime_error("the server fell silent");
    bytes.resize(static_cast<size_t>(std::max<ssize_t>(size, 0)));
    return bytes;
  }

  // The next response. `to_head` is for HEAD, whose response has no body.
  RawResponse Read(bool to_head = false) {
    RawResponse response;
    std::string head;
    if (!ReadUntil("\r\n\r\n", head)) return response;
    response.status = std::atoi(head.c_str() + std::string_view("HTTP/1.1 ").size());
    ParseHeaders(head, response);
    if (to_head || response.status == 100) {
      response.is_complete = true;
    } else if (response.headers.contains("transfer-encoding")) {
      ReadChunks(response);
    } else if (response.headers.contains("content-length")) {
      const size_t size = std::strtoull(response.headers.at("content-length").c_str(), nullptr, 10);
      response.is_complete = ReadBytes(size, response.body);
    } else {
      for (std::string bytes = ReadSome(); !bytes.empty(); bytes = ReadSome()) response.body += bytes;
      response.is_complete = true;
    }
    return response;
  }

  // Sends a request with a JSON body and reads the response.
  RawResponse Post(std::string_view path, std::string_view json, std::string_view more_headers = "") {
    Send(PostBytes(path, json, more_headers));
    return Read();
  }
  RawResponse Get(std::string_view path, std::string_view method = "GET") {
    Send(std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n\r\n");
    return Read(method == "HEAD");
  }

  static std::string PostBytes(std::string_view path, std::string_view json,
                               std::string_view more_headers = "") {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n" +
           std::string(more_headers) + "Content-Length: " + std::to_string(json.size()) + "\r\n\r\n" +
           std::string(json);
  }

 private:
  static void ParseHeaders(const std::string& head, RawResponse& response) {
    size_t begin = head.find("\r\n") + 2;
    for (size_t end = head.find("\r\n", begin); end != begin && end != std::string::npos;
         end = head.find("\r\n", begin)) {
      std::string name = head.substr(begin, head.find(": ", begin) - begin);
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      response.headers[name] = head.substr(begin + name.size() + 2, end - begin - name.size() - 2);
      begin = end + 2;
    }
  }

  void ReadChunks(RawResponse& response) {
    for (;;) {
      std::string line;
      if (!ReadUntil("\r\n", line)) return;
      const size_t size = std::strtoull(line.c_str(), nullptr, 16);
      std::string chunk;
      if (!ReadBytes(size + 2, chunk)) {
        response.body += chunk;
        return;
      }
      chunk.resize(size);
      if (size == 0) {
        response.is_complete = true;
        return;
      }
      response.body += chunk;
      response.chunks.push_back(std::move(chunk));
    }
  }

  bool ReadUntil(std::string_view mark, std::string& text) {
    while (unread_.find(mark) == std::string::npos) {
      std::string kept = std::exchange(unread_, {});
      const std::string bytes = ReadSome();
      unread_ = kept + bytes;
      if (bytes.empty()) return false;
    }
    text = unread_.substr(0, unread_.find(mark) + mark.size());
    unread_.erase(0, text.size());
    return true;
  }

  // What there was, when the connection ends before.
  bool ReadBytes(size_t size, std::string& bytes) {
    while (bytes.size() < size) {
      const std::string more = ReadSome();
      if (more.empty()) return false;
      bytes += more;
    }
    unread_ = bytes.substr(size);
    bytes.resize(size);
    return true;
  }

  int fd_;
  std::string unread_;
};

// The payloads of the "data:" lines of an event stream.
inline std::vector<std::string> DataLines(std::string_view body) {
  std::vector<std::string> lines;
  while (!body.empty()) {
    const size_t end = std::min(body.find_first_of("\r\n"), body.size());
    const std::string_view line = body.substr(0, end);
    if (line.starts_with("data: ")) lines.emplace_back(line.substr(6));
    body.remove_prefix(std::min(end + 1, body.size()));
  }
  return lines;
}

}  // namespace llmdyno
