#include "worker.h"

#include <pthread.h>

#include <boost/asio/post.hpp>
#include <optional>

#include "connection.h"
#include "exchange.h"
#include "router.h"

namespace llmdyno {
namespace {

constexpr size_t kReadBufferBytes = size_t{64} * 1024;

std::optional<double> FindSeconds(clockid_t clock) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) return std::nullopt;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace

Worker::Worker(ServerContext& context)
    : context_(context),
      io_(1),
      work_(io_.get_executor()),
      timers_(io_, context.clock),
      tally_(context.metrics, true),
      read_buffer_(kReadBufferBytes) {}

Worker::~Worker() { Stop(); }

void Worker::Start() {
  thread_ = std::thread([this] {
    clockid_t clock{};
    if (pthread_getcpuclockid(pthread_self(), &clock) == 0) {
      cpu_clock_ = clock;
      is_running_ = true;
    }
    io_.run();
    final_cpu_seconds_ = FindSeconds(CLOCK_THREAD_CPUTIME_ID).value_or(0);
    is_running_ = false;
  });
}

void Worker::Stop() {
  if (!thread_.joinable()) return;
  boost::asio::post(io_, [this] {
    // Closing removes a connection from the table.
    const auto connections = std::move(connections_);
    connections_.clear();
    for (const auto& [unused, connection] : connections) connection->Abort();
    timers_.Clear();
    turns_.clear();
    io_.stop();
  });
  thread_.join();
}

double Worker::CpuSeconds() const {
  // The clock of a thread that has just ended cannot be read any more; by then the final figure is there.
  const auto running = is_running_ ? FindSeconds(cpu_clock_) : std::nullopt;
  return running.value_or(final_cpu_seconds_);
}

void Worker::Adopt(boost::asio::ip::tcp::socket socket) {
  context_.metrics.connections_accepted.fetch_add(1, std::memory_order_relaxed);
  boost::asio::post(io_, [this, held = std::move(socket)]() mutable {
    auto connection = std::make_shared<Connection>(*this, std::move(held));
    connections_.emplace(connection.get(), connection);
    connection->Start();
  });
}

std::shared_ptr<Exchange> Worker::Accept(ReceivedRequest request, Connection& connection, TimePoint arrival) {
  return RouteRequest(*this, connection, std::move(request), arrival);
}

void Worker::Forget(const Connection& connection) { connections_.erase(&connection); }

void Worker::RequestTurn(std::shared_ptr<Exchange> exchange) {
  turns_.push_back(std::move(exchange));
  if (turns_.size() == 1) boost::asio::post(io_, [this] { RunTurns(); });
}

void Worker::RunTurns() {
  turns_now_.swap(turns_);
  for (const std::shared_ptr<Exchange>& exchange : turns_now_) {
    if (exchange->is_connected()) exchange->OnTurn();
  }
  turns_now_.clear();
}

}  // namespace llmdyno
