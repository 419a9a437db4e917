#include "llmdyno/sim/sim_server.h"

#include <utility>  // Boost.Asio 1.74 needs it and does not include it

#include <boost/asio/ip/tcp.hpp>
#include <system_error>
#include <vector>

#include "engine_host.h"
#include "llmdyno/base/status_macros.h"
#include "server_context.h"
#include "worker.h"

namespace llmdyno {

using boost::asio::ip::tcp;

class SimServer::Impl {
 public:
  explicit Impl(const SimConfig& config) { context_.config = config; }
  ~Impl() { Stop(); }

  absl::Status Start();
  void Stop();
  uint16_t port() const { return endpoint_.port(); }
  std::string BaseUrl() const;
  SimStats Stats() const;

 private:
  absl::Status Listen();
  absl::StatusOr<tcp::endpoint> ResolveAddress() const;
  void MakeTokenSources();
  void AcceptNext();

  ServerContext context_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::shared_ptr<EngineHost> engine_;  // only with a profile that has one
  std::unique_ptr<tcp::acceptor> acceptor_;
  std::unique_ptr<boost::asio::steady_timer> accept_pause_;
  tcp::endpoint endpoint_;
  size_t next_worker_ = 0;
};

absl::Status SimServer::Impl::Start() {
  const SimConfig& config = context_.config;
  LLMDYNO_RETURN_IF_ERROR(config.Validate());
  for (int64_t i = 0; i < config.threads; ++i) workers_.push_back(std::make_unique<Worker>(context_));
  MakeTokenSources();
  context_.chat_wording = MakeStreamWording(config, ApiRoute::kChat);
  context_.completions_wording = MakeStreamWording(config, ApiRoute::kCompletions);
  context_.stats = [this] { return Stats(); };
  context_.gauges = [this] {
    return engine_ ? engine_->Gauges() : EngineGauges{.running = context_.metrics.in_flight.load()};
  };
  LLMDYNO_RETURN_IF_ERROR(Listen());
  if (!config.log_path.empty()) {
    LLMDYNO_ASSIGN_OR_RETURN(context_.log, RequestLog::Open(config.log_path));
  }
  AcceptNext();
  for (const auto& worker : workers_) worker->Start();
  return absl::OkStatus();
}

void SimServer::Impl::MakeTokenSources() {
  Worker& first = *workers_.front();
  if (context_.config.pace == SimPace::kEngine) {
    engine_ =
        std::make_shared<EngineHost>(context_.config.engine, context_.clock, first.io(), first.timers());
  }
  for (const auto& worker : workers_) {
    switch (context_.config.pace) {
      case SimPace::kImmediate:
        worker->set_token_source(MakeImmediateSource());
        break;
      case SimPace::kScripted:
        worker->set_token_source(MakeScriptedSource(context_.config, worker->timers()));
        break;
      case SimPace::kEngine:
        worker->set_token_source(MakeEngineSource(engine_, worker->io()));
        break;
    }
  }
}

absl::StatusOr<tcp::endpoint> SimServer::Impl::ResolveAddress() const {
  const std::string& host = context_.config.host;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  if (error) {
    return absl::InvalidArgumentError("host '" + host + "': expected an IPv4 or IPv6 address, or localhost");
  }
  return tcp::endpoint(address, static_cast<uint16_t>(context_.config.port));
}

absl::Status SimServer::Impl::Listen() {
  LLMDYNO_ASSIGN_OR_RETURN(endpoint_, ResolveAddress());
  boost::system::error_code error;
  acceptor_ = std::make_unique<tcp::acceptor>(workers_.front()->io());
  accept_pause_ = std::make_unique<boost::asio::steady_timer>(workers_.front()->io());
  if (acceptor_->open(endpoint_.protocol(), error); !error)
    acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_->bind(endpoint_, error);
  // Thousands of clients may connect in the same millisecond.
  if (!error) acceptor_->listen(4096, error);
  if (!error) endpoint_ = acceptor_->local_endpoint(error);
  if (!error) return absl::OkStatus();
  const std::string where = context_.config.host + ":" + std::to_string(context_.config.port);
  return absl::UnavailableError("the simulated endpoint cannot listen on " + where + ": " + error.message() +
                                "; choose another port, or 0 for any free one");
}

void SimServer::Impl::AcceptNext() {
  Worker& worker = *workers_[next_worker_++ % workers_.size()];
  acceptor_->async_accept(worker.io(),
                          [this, &worker](const boost::system::error_code& error, tcp::socket socket) {
                            if (error == boost::asio::error::operation_aborted || !acceptor_->is_open())
                              return;
                            if (!error) {
                              worker.Adopt(std::move(socket));
                              return AcceptNext();
                            }
                            // Out of descriptors, most likely: asking again at once would spin.
                            accept_pause_->expires_after(std::chrono::milliseconds(10));
                            accept_pause_->async_wait([this](const boost::system::error_code& wait_error) {
                              if (!wait_error) AcceptNext();
                            });
                          });
}

void SimServer::Impl::Stop() {
  for (const auto& worker : workers_) worker->Stop();
  boost::system::error_code ignored;
  if (acceptor_) acceptor_->close(ignored);
  context_.log.reset();
}

std::string SimServer::Impl::BaseUrl() const {
  const auto address = endpoint_.address();
  std::string host = address.to_string();
  if (address.is_unspecified()) host = address.is_v6() ? "::1" : "127.0.0.1";
  if (address.is_v6()) host = "[" + host + "]";
  return "http://" + host + ":" + std::to_string(port());
}

SimStats SimServer::Impl::Stats() const {
  SimStats stats = context_.metrics.ToStats();
  for (const auto& worker : workers_) stats.cpu_seconds += worker->CpuSeconds();
  return stats;
}

absl::StatusOr<std::unique_ptr<SimServer>> SimServer::Start(const SimConfig& config) {
  // Asio and std::thread throw when the machine has no more descriptors or threads to give.
  try {
    auto impl = std::make_unique<Impl>(config);
    LLMDYNO_RETURN_IF_ERROR(impl->Start());
    return std::unique_ptr<SimServer>(new SimServer(std::move(impl)));
  } catch (const std::system_error& problem) {
    return absl::ResourceExhaustedError(std::string("the simulated endpoint cannot start: ") +
                                        problem.what());
  } catch (const boost::system::system_error& problem) {
    return absl::ResourceExhaustedError(std::string("the simulated endpoint cannot start: ") +
                                        problem.what());
  }
}

SimServer::SimServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SimServer::~SimServer() = default;
uint16_t SimServer::port() const { return impl_->port(); }
std::string SimServer::base_url() const { return impl_->BaseUrl(); }
SimStats SimServer::Stats() const { return impl_->Stats(); }
void SimServer::Stop() { impl_->Stop(); }

}  // namespace llmdyno
