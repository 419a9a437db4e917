// One thread of the server: its connections, its timer and the buffers they share.
#pragma once

#include <utility>  // Boost.Asio 1.74 needs it and does not include it

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <ctime>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "server_context.h"
#include "stream_answer.h"
#include "timer_queue.h"
#include "token_source.h"
#include "token_tally.h"

namespace llmdyno {

class Connection;
class Exchange;
struct ReceivedRequest;

// Start and Stop are called by the owner, CpuSeconds and Adopt by anyone, everything else on the worker's
// thread.
class Worker {
 public:
  explicit Worker(ServerContext& context);
  ~Worker();

  void set_token_source(std::unique_ptr<TokenSource> source) { token_source_ = std::move(source); }
  void Start();
  // Ends every exchange, closes every connection and joins the thread.
  void Stop();
  // CPU time of the thread, also after it has ended.
  double CpuSeconds() const;

  // Takes over a new connection.
  void Adopt(boost::asio::ip::tcp::socket socket);

  // A complete request from a connection.
  std::shared_ptr<Exchange> Accept(ReceivedRequest request, Connection& connection, TimePoint arrival);
  void Forget(const Connection& connection);
  // Calls the exchange's OnTurn after everyone else who asked before, and after a look at the sockets.
  void RequestTurn(std::shared_ptr<Exchange> exchange);

  ServerContext& context() { return context_; }
  boost::asio::io_context& io() { return io_; }
  TimerQueue& timers() { return timers_; }
  TokenTally& tally() { return tally_; }
  TokenSource& token_source() { return *token_source_; }
  StreamBatch& batch() { return batch_; }
  std::span<char> read_buffer() { return read_buffer_; }

 private:
  void RunTurns();

  ServerContext& context_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  TimerQueue timers_;
  TokenTally tally_;
  std::unique_ptr<TokenSource> token_source_;
  std::unordered_map<const Connection*, std::shared_ptr<Connection>> connections_;
  std::vector<std::shared_ptr<Exchange>> turns_;
  std::vector<std::shared_ptr<Exchange>> turns_now_;
  StreamBatch batch_;
  std::vector<char> read_buffer_;
  std::thread thread_;
  std::atomic<clockid_t> cpu_clock_{};  // of the thread, while it runs
  std::atomic<bool> is_running_{false};
  std::atomic<double> final_cpu_seconds_{0};
};

}  // namespace llmdyno
