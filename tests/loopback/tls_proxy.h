// A TLS front for a plain endpoint, for tests: nghttpx with a certificate that is made on the spot. It speaks
// HTTP/1.1 and HTTP/2.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace llmdyno {

class TlsProxy {
 public:
  // Returns when clients can connect. Aborts the test when it cannot be made to run.
  explicit TlsProxy(uint16_t backend_port);
  ~TlsProxy();
  TlsProxy(const TlsProxy&) = delete;
  TlsProxy& operator=(const TlsProxy&) = delete;

  std::string base_url() const { return "https://127.0.0.1:" + std::to_string(port_); }
  uint16_t port() const { return port_; }
  // Signed by itself, for 127.0.0.1 and localhost; hence also the authority to trust.
  const std::string& certificate() const { return certificate_; }

 private:
  bool Run(uint16_t backend_port);

  std::string folder_;
  std::string certificate_;
  uint16_t port_ = 0;
  pid_t process_ = -1;
};

}  // namespace llmdyno
