#include "net/curl_pool.h"

namespace llmdyno {

absl::StatusOr<std::unique_ptr<CurlPool>> CurlPool::Open(curl_socket_callback on_socket, void* owner,
                                                         const Clock& clock) {
  std::unique_ptr<CurlPool> pool(new CurlPool(clock));
  pool->multi_ = curl_multi_init();
  if (pool->multi_ == nullptr) return absl::UnavailableError("libcurl could not be set up");
  curl_multi_setopt(pool->multi_, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(pool->multi_, CURLMOPT_SOCKETDATA, owner);
  curl_multi_setopt(pool->multi_, CURLMOPT_TIMERFUNCTION, &OnTimerWanted);
  curl_multi_setopt(pool->multi_, CURLMOPT_TIMERDATA, pool.get());
  // No hidden cap: neither on connections kept nor on streams of one connection.
  curl_multi_setopt(pool->multi_, CURLMOPT_MAXCONNECTS, 1'000'000L);
  curl_multi_setopt(pool->multi_, CURLMOPT_MAX_CONCURRENT_STREAMS, 1'000'000L);
  return pool;
}

CurlPool::~CurlPool() {
  if (multi_ != nullptr) curl_multi_cleanup(multi_);
}

void CurlPool::Run(curl_socket_t socket, int events) {
  if (socket == CURL_SOCKET_TIMEOUT) timer_at_ = kEndOfTime;
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
}

int CurlPool::OnTimerWanted(CURLM* /*multi*/, long milliseconds, void* self) {
  auto& pool = *static_cast<CurlPool*>(self);
  pool.timer_at_ =
      milliseconds < 0 ? kEndOfTime : pool.clock_.Now() + std::chrono::milliseconds(milliseconds);
  return 0;
}

}  // namespace llmdyno
