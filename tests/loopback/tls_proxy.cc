#include "loopback/tls_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include "loopback/loopback.h"

extern char** environ;

namespace llmdyno {
namespace {

// Its output is not the test's; what went wrong shows in its exit status.
pid_t Spawn(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_WRONLY, 0);
  }
  pid_t process = -1;
  const int error = ::posix_spawn(&process, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? process : -1;
}

bool CanConnect(uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool connected = ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return connected;
}

}  // namespace

TlsProxy::TlsProxy(uint16_t backend_port) {
  std::string name = (std::filesystem::temp_directory_path() / "llmdyno-tls-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  folder_ = name;
  certificate_ = folder_ + "/certificate.pem";
  const pid_t openssl = Spawn({LLMDYNO_OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt",
                               "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=llmdyno-test",
                               "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout",
                               folder_ + "/key.pem", "-out", certificate_});
  int status = -1;
  REQUIRE(openssl > 0);
  REQUIRE(::waitpid(openssl, &status, 0) == openssl);
  REQUIRE(status == 0);
  // Between finding a free port and its use somebody else may take it: then another one.
  bool runs = false;
  for (int attempt = 0; attempt < 5 && !runs; ++attempt) runs = Run(backend_port);
  REQUIRE(runs);
}

bool TlsProxy::Run(uint16_t backend_port) {
  port_ = DeadPort();
  process_ = Spawn({LLMDYNO_NGHTTPX, "--conf=/dev/null", "--single-process", "--workers=1", "--no-ocsp",
                    "--frontend=127.0.0.1," + std::to_string(port_),
                    "--backend=127.0.0.1," + std::to_string(backend_port),
                    "--frontend-http2-max-concurrent-streams=1000", "--backend-connections-per-host=1000",
                    "--pid-file=" + folder_ + "/pid", folder_ + "/key.pem", certificate_});
  if (process_ < 0) return false;
  bool has_exited = false;
  WaitUntil([&] {
    has_exited = ::waitpid(process_, nullptr, WNOHANG) == process_;
    return has_exited || CanConnect(port_);
  });
  if (has_exited) process_ = -1;
  return !has_exited && CanConnect(port_);
}

TlsProxy::~TlsProxy() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace llmdyno
