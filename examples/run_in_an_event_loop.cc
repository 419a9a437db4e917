// A run that lives inside another event loop: the host waits for its own descriptor and lets the run have the
// time in between. Here the descriptor is a timer, which stands for whatever the host serves.
//
//   run_in_an_event_loop http://localhost:8000/v1 MODEL
#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "llmdyno/llmdyno.h"

namespace {

using namespace llmdyno;
using namespace std::chrono_literals;

// What the host is there for: something of its own, 50 times a second.
class Host {
 public:
  Host() : timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
    const itimerspec every{{0, 20'000'000}, {0, 20'000'000}};
    ::timerfd_settime(timer_, 0, &every, nullptr);
  }
  ~Host() { ::close(timer_); }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // One round of the host's loop: looks at its descriptors without waiting.
  void ServeWhatIsReady() {
    pollfd wanted{timer_, POLLIN, 0};
    uint64_t ticks = 0;
    if (::poll(&wanted, 1, 0) == 1 && ::read(timer_, &ticks, sizeof ticks) == sizeof ticks) served_ += ticks;
  }
  uint64_t served() const { return served_; }

 private:
  const int timer_;
  uint64_t served_ = 0;
};

absl::StatusOr<MeasurementResult> RunBeside(Host& host, RunSpec spec) {
  MeasurementOptions options;
  options.progress_interval = 200ms;
  options.on_progress = [&](const MeasurementProgress& now) {
    std::printf("%lld tokens, and the host was served %llu times\n",
                static_cast<long long>(now.run.totals.output_tokens),
                static_cast<unsigned long long>(host.served()));
  };
  auto run = Measurement::Begin(std::move(spec), options);
  if (!run.ok()) return run.status();
  // The run waits, so that it sees arrivals at once; the host is looked after every two milliseconds.
  while ((*run)->Step((*run)->clock().Now() + 2ms)) host.ServeWhatIsReady();
  return (*run)->Finish();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: run_in_an_event_loop URL MODEL\n"), 2;
  const auto url = BaseUrl::Parse(argv[1]);
  if (!url.ok()) return std::fprintf(stderr, "%s\n", url.status().ToString().c_str()), 2;
  RunSpec spec;
  spec.endpoint.url = *url;
  spec.endpoint.model = argv[2];
  spec.workload.name = "synthetic";
  spec.workload.request.max_output_tokens = 100;
  spec.load =
      OpenLoopConfig{.arrivals = "poisson", .schedule = {.rate = {.final_per_second = 50}, .requests = 100}};
  spec.stop.requests = 100;

  Host host;
  const auto result = RunBeside(host, std::move(spec));
  if (!result.ok()) return std::fprintf(stderr, "%s\n", result.status().ToString().c_str()), 1;
  std::printf("%lld of %lld requests succeeded; the host was served %llu times\n",
              static_cast<long long>(result->metrics.successful),
              static_cast<long long>(result->metrics.requests),
              static_cast<unsigned long long>(host.served()));
  return result->metrics.successful == 100 && host.served() > 0 ? 0 : 1;
}
