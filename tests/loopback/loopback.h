// Runs over real sockets of this machine: the simulated endpoint or a scripted server on one side, the
// libcurl transport and the run loop on the other.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "llmdyno/base/random.h"
#include "llmdyno/core/record_sink.h"
#include "llmdyno/dialect/openai_dialect.h"
#include "llmdyno/load/closed_loop.h"
#include "llmdyno/net/curl_transport.h"
#include "llmdyno/run/execute_run.h"
#include "llmdyno/sim/sim_server.h"
#include "support/catch.h"

namespace llmdyno {

using namespace std::chrono_literals;

// Longer than anything here takes on the busiest machine; only a hang comes near it.
inline constexpr Duration kPatience = 60s;

// Starts a simulated endpoint on a free port: StartSim("scripted:ttft=5ms,itl=1ms").
std::unique_ptr<SimServer> StartSim(const std::string& setting);

// Waits until a condition holds that another thread brings about.
void WaitUntil(const std::function<bool()>& condition);

// A server that does with each connection what a test says, one thread each.
class RawServer {
 public:
  // `serve` gets a connected socket and its number, from 0; the socket is closed behind it.
  using Serve = std::function<void(int socket, int64_t connection)>;
  explicit RawServer(Serve serve);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  std::string base_url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  uint16_t port() const { return port_; }
  int64_t connections() const { return accepted_; }

 private:
  void Accept();

  Serve serve_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<int64_t> accepted_ = 0;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::vector<int> sockets_;
  std::vector<std::thread> connections_;
  std::thread acceptor_;
};

// Reads one HTTP request with its body; empty when the client has gone.
std::string ReadRequest(int socket);
void SendAll(int socket, std::string_view bytes);
// A whole response that keeps the connection.
std::string JsonResponse(std::string_view body);
// A chat completion that was not streamed, with two tokens.
std::string GoodAnswer();

// A listening socket on a free port, bound and never accepted from.
class ListeningSocket {
 public:
  explicit ListeningSocket(int backlog);
  ~ListeningSocket();
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;
  uint16_t port() const { return port_; }
  std::string base_url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  int socket_ = -1;
  uint16_t port_ = 0;
};
// A port that nothing listens on.
uint16_t DeadPort();

// Keeps copies of what a sink is told.
class RecordKeeper final : public RecordSink {
 public:
  void OnRecord(const RequestRecord& record) override { records.push_back(record); }
  std::vector<RequestRecord> records;
};

struct LoopbackRunConfig {
  std::string url;
  StopCondition stop = {.requests = 1, .max_duration = kPatience};
  ClosedLoopConfig load = {.users = 1, .ramp_users_per_second = 0, .first_backoff = 1ms, .max_backoff = 10ms};
  CurlTransportConfig transport = {};
  OpenAiDialectConfig dialect = {};
  int64_t max_output_tokens = 20;
  std::string prompt = "Tell me something.";
  // Unless empty, these are sent in turn instead of the prompt, again and again.
  std::vector<Request> requests = {};
  // Unless empty, makes the dialect in place of the OpenAI one.
  std::function<absl::StatusOr<std::unique_ptr<Dialect>>()> make_dialect = {};
  Secret api_key = Secret();
  std::string model = "simulated";
  Duration drain_timeout = kPatience;
  RetryPolicy retry = {};
  int shards = 1;
  std::function<std::unique_ptr<LoadModel>()> make_load = {};  // instead of `load`
  bool numbers_prompts = false;                                // "Tell me something. 0", "… 1", …
};

struct LoopbackRun {
  RunResult result;
  std::vector<RequestRecord> records;  // in the order of request_id
  TransportStats stats;                // of the first shard
  std::vector<std::string> warnings;

  const RequestRecord& record() const { return records.at(0); }
};

// Carries the run out from beginning to end. `control` is for other threads.
LoopbackRun RunLoopback(const LoopbackRunConfig& config, RunControl& control);
LoopbackRun RunLoopback(const LoopbackRunConfig& config);
// The same over other transports than libcurl's.
LoopbackRun RunOver(const std::vector<Transport*>& transports, const Clock& clock,
                    const LoopbackRunConfig& config, RunControl& control);

}  // namespace llmdyno
