#include "loopback/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace llmdyno {
namespace {

// A proxy in the environment of whoever runs the tests is not meant for them.
[[maybe_unused]] const bool kNoProxies = [] {
  for (const char* name :
       {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"}) {
    ::unsetenv(name);
  }
  return true;
}();

struct Bound {
  int socket = -1;
  uint16_t port = 0;
};

Bound BindLoopback() {
  Bound bound;
  bound.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(bound.socket, reinterpret_cast<sockaddr*>(&address), size) != 0) std::abort();
  if (::getsockname(bound.socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) std::abort();
  bound.port = ntohs(address.sin_port);
  return bound;
}

// The same question again and again.
class OneQuestion final : public RequestSource {
 public:
  OneQuestion(std::string prompt, bool is_numbered, int64_t max_output_tokens)
      : prompt_(std::move(prompt)), is_numbered_(is_numbered), max_output_tokens_(max_output_tokens) {}
  NextRequest Next(TimePoint /*now*/) override {
    Request request;
    request.id = next_++;
    request.body = ChatBody{{{"user", is_numbered_ ? prompt_ + " " + std::to_string(request.id) : prompt_}}};
    request.max_output_tokens = max_output_tokens_;
    return request;
  }

 private:
  const std::string prompt_;
  const bool is_numbered_;
  const int64_t max_output_tokens_;
  int64_t next_ = 0;
};

// The same requests in turn, again and again.
class InTurn final : public RequestSource {
 public:
  explicit InTurn(std::vector<Request> requests) : requests_(std::move(requests)) {}
  NextRequest Next(TimePoint /*now*/) override {
    Request request = requests_[static_cast<size_t>(next_) % requests_.size()];
    request.id = next_++;
    return request;
  }

 private:
  const std::vector<Request> requests_;
  int64_t next_ = 0;
};

}  // namespace

std::unique_ptr<SimServer> StartSim(const std::string& setting) {
  const auto params = Params::Parse(setting);
  REQUIRE(params.ok());
  const auto config = MakeSimConfig(*params);
  INFO(config.status().ToString());
  REQUIRE(config.ok());
  auto server = SimServer::Start(*config);
  INFO(server.status().ToString());
  REQUIRE(server.ok());
  return *std::move(server);
}

void WaitUntil(const std::function<bool()>& condition) {
  const TimePoint deadline = SystemClock().Now() + kPatience;
  while (!condition() && SystemClock().Now() < deadline) std::this_thread::sleep_for(1ms);
}

RawServer::RawServer(Serve serve) : serve_(std::move(serve)) {
  const Bound bound = BindLoopback();
  listener_ = bound.socket;
  port_ = bound.port;
  if (::listen(listener_, 128) != 0) std::abort();
  acceptor_ = std::thread([this] { Accept(); });
}

RawServer::~RawServer() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
  }
  for (std::thread& connection : connections_) connection.join();
  for (const int socket : sockets_) ::close(socket);
  ::close(listener_);
}

void RawServer::Accept() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const int64_t number = accepted_++;
    const std::lock_guard lock(mutex_);
    sockets_.push_back(socket);
    connections_.emplace_back([this, socket, number] {
      serve_(socket, number);
      ::shutdown(socket, SHUT_RDWR);
    });
  }
}

std::string ReadRequest(int socket) {
  std::string request;
  char buffer[16384];
  size_t wanted = 0;  // head and body, once the head is there
  while (wanted == 0 || request.size() < wanted) {
    const ssize_t count = ::recv(socket, buffer, sizeof buffer, 0);
    if (count <= 0) return "";
    request.append(buffer, static_cast<size_t>(count));
    const size_t head_end = request.find("\r\n\r\n");
    if (wanted != 0 || head_end == std::string::npos) continue;
    wanted = head_end + 4;
    const size_t length = request.find("Content-Length: ");
    if (length < head_end) wanted += std::strtoul(request.c_str() + length + 16, nullptr, 10);
  }
  return request;
}

void SendAll(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
}

std::string JsonResponse(std::string_view body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string GoodAnswer() {
  return R"({"choices":[{"message":{"content":"Hello there"},"finish_reason":"stop"}],)"
         R"("usage":{"prompt_tokens":3,"completion_tokens":2}})";
}

ListeningSocket::ListeningSocket(int backlog) {
  const Bound bound = BindLoopback();
  socket_ = bound.socket;
  port_ = bound.port;
  if (::listen(socket_, backlog) != 0) std::abort();
}

ListeningSocket::~ListeningSocket() { ::close(socket_); }

uint16_t DeadPort() {
  const Bound bound = BindLoopback();
  ::close(bound.socket);
  return bound.port;
}

LoopbackRun RunLoopback(const LoopbackRunConfig& config, RunControl& control) {
  std::vector<std::string> warnings;
  const Diagnostics diagnostics([&](Severity, std::string_view text) { warnings.emplace_back(text); });
  std::vector<std::unique_ptr<Transport>> transports;
  std::vector<Transport*> shards;
  for (int i = 0; i < config.shards; ++i) {
    auto transport = MakeCurlTransport(config.transport, SystemClock(), diagnostics);
    INFO(transport.status().ToString());
    REQUIRE(transport.ok());
    shards.push_back(transport->get());
    transports.push_back(*std::move(transport));
  }
  LoopbackRun run = RunOver(shards, SystemClock(), config, control);
  run.warnings.insert(run.warnings.begin(), warnings.begin(), warnings.end());
  return run;
}

LoopbackRun RunOver(const std::vector<Transport*>& transports, const Clock& clock,
                    const LoopbackRunConfig& config, RunControl& control) {
  LoopbackRun run;
  const Diagnostics diagnostics([&run](Severity, std::string_view text) { run.warnings.emplace_back(text); });
  auto url = BaseUrl::Parse(config.url);
  REQUIRE(url.ok());
  RunPlan plan;
  plan.endpoint.url = *url;
  plan.endpoint.model = config.model;
  plan.endpoint.api_key = config.api_key;
  if (config.requests.empty()) {
    plan.source =
        std::make_unique<OneQuestion>(config.prompt, config.numbers_prompts, config.max_output_tokens);
  } else {
    plan.source = std::make_unique<InTurn>(config.requests);
  }
  plan.load = config.make_load ? config.make_load() : *MakeClosedLoop(config.load, Rng(1));
  auto dialect = config.make_dialect ? config.make_dialect() : MakeOpenAiDialect(config.dialect);
  INFO(dialect.status().ToString());
  REQUIRE(dialect.ok());
  plan.dialect = *std::move(dialect);
  plan.stop = config.stop;
  plan.retry = config.retry;
  plan.drain_timeout = config.drain_timeout;
  plan.keep_texts = true;
  RecordKeeper keeper;
  auto result = ExecuteRun(plan, {.clock = clock,
                                  .transports = transports,
                                  .control = control,
                                  .sinks = {&keeper},
                                  .on_progress = {},
                                  .progress_interval = 5s,
                                  .diagnostics = diagnostics});
  INFO(result.status().ToString());
  REQUIRE(result.ok());
  run.result = *std::move(result);
  run.records = std::move(keeper.records);
  std::sort(run.records.begin(), run.records.end(),
            [](const RequestRecord& a, const RequestRecord& b) { return a.request_id < b.request_id; });
  run.stats = run.result.shards.front().transport;
  return run;
}

LoopbackRun RunLoopback(const LoopbackRunConfig& config) {
  RunControl control;
  return RunLoopback(config, control);
}

}  // namespace llmdyno
