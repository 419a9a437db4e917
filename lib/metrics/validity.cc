#include "llmdyno/metrics/validity.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "llmdyno/metrics/distribution.h"
#include "llmdyno/metrics/late_send.h"
#include "llmdyno/metrics/percentile_text.h"

namespace llmdyno {
namespace {

std::string Fixed(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string Milliseconds(double ms) { return Fixed(ms, 1) + " ms"; }
std::string Milliseconds(Duration duration) { return Milliseconds(ToMilliseconds(duration)); }
std::string Percent(double share) { return Fixed(100 * share, 1) + " %"; }

std::string Times(int64_t count) { return count == 1 ? "once" : std::to_string(count) + " times"; }

std::string Lighter(LoadLever lever) {
  return lever == LoadLever::kUsers ? "use fewer users" : "offer a lower rate";
}

std::string PValue(double p) { return p < 0.0001 ? "p < 0.0001" : "p = " + Fixed(p, 4); }

// How many of n a share is.
double CountOf(double share, int64_t n) { return std::round(share * static_cast<double>(n)); }

// Looks at one thing after the other and writes the verdict.
class Judge {
 public:
  Judge(const ClientHealth& health, const ValidityThresholds& limits, LoadLever lever)
      : health_(health), limits_(limits), lever_(lever) {
    verdict_.limits = limits;
    if (health.shards.empty()) only_thread_ = {health.loop_cpu_share, health.run_queue_wait_share};
  }

  Validity Run() {
    if (!health_.is_simulated()) {
      Sends();
      Reads();
      Processors();
      Sockets();
    }
    Arrivals();
    WarmUp();
    Trend();
    Samples();
    verdict_.valid = verdict_.reasons.empty();
    return std::move(verdict_);
  }

 private:
  void Sends();
  void Reads();
  void Processors();
  void Sockets();
  void Arrivals();
  void WarmUp();
  void Trend();
  void Samples();

  void AboutClient(const char* code, double figure, double limit, std::string sentence) {
    verdict_.reasons.push_back({code, figure, limit, std::move(sentence), true});
  }
  void AboutRun(const char* code, double figure, double limit, std::string sentence) {
    verdict_.reasons.push_back({code, figure, limit, std::move(sentence), false});
  }
  void Failures(const char* code, int64_t count, int64_t limit, const std::string& what,
                const std::string& advice);
  // "thread 2 of 4", "the loop", "the thread of decisions and sinks".
  std::string NameOf(const ThreadHealth& thread) const;
  std::vector<const ThreadHealth*> Threads() const;
  // The share of the time in which it wanted to run that it had to wait for.
  static double OfWanted(const ThreadHealth& thread);
  bool IsStarved(const ThreadHealth& thread) const;

  const ClientHealth& health_;
  const ValidityThresholds& limits_;
  const LoadLever lever_;
  ThreadHealth only_thread_;  // where single threads are not known
  Validity verdict_;
};

void Judge::Sends() {
  if (!health_.late_send_share) {
    verdict_.unknown.emplace_back("send lag");
    return;
  }
  const double share = *health_.late_send_share;
  const bool are_few =
      health_.sends > 0 && CountOf(share, health_.sends) < static_cast<double>(limits_.min_late_sends);
  if (share <= limits_.max_late_send_share || are_few) return;
  AboutClient("late_sends", share, limits_.max_late_send_share,
              "requests were sent late: " + Percent(share) + " of them more than " +
                  Milliseconds(kLateSendAfter) + " after their time (limit " +
                  Percent(limits_.max_late_send_share) +
                  (health_.send_lag_p99 ? ", p99 " + Milliseconds(*health_.send_lag_p99) : "") + "); " +
                  Lighter(lever_) + ", or use more --threads or a faster client machine");
}

void Judge::Reads() {
  if (!health_.read_lag_p99) {
    verdict_.unknown.emplace_back("read lag");
    return;
  }
  const Duration limit = ReadLagLimit(health_, limits_);
  if (*health_.read_lag_p99 <= limit) return;
  AboutClient("read_lag", ToMilliseconds(*health_.read_lag_p99), ToMilliseconds(limit),
              "the client read late: 1 % of the reads came more than " + Milliseconds(*health_.read_lag_p99) +
                  " after the data (limit " + Milliseconds(limit) + "); " + Lighter(lever_) +
                  " or give the client a core of its own");
}

std::vector<const ThreadHealth*> Judge::Threads() const {
  std::vector<const ThreadHealth*> threads;
  if (health_.shards.empty()) threads.push_back(&only_thread_);
  for (const ThreadHealth& shard : health_.shards) threads.push_back(&shard);
  if (health_.decisions) threads.push_back(&*health_.decisions);
  return threads;
}

std::string Judge::NameOf(const ThreadHealth& thread) const {
  if (health_.decisions && &thread == &*health_.decisions) return "the thread of decisions and sinks";
  if (health_.shards.size() <= 1) return "the client's loop";
  return "thread " + std::to_string(&thread - health_.shards.data() + 1) + " of " +
         std::to_string(health_.shards.size());
}

double Judge::OfWanted(const ThreadHealth& thread) {
  const double waited = thread.wait_share.value_or(0);
  return waited > 0 ? waited / (waited + thread.cpu_share.value_or(0)) : 0;
}

// An endpoint on the same machine wakes the client on its own core, and the kernel lets it wait there for
// some microseconds while another core is idle: many such waits add up, and none of them matters. So the
// cores have to be busy as well.
bool Judge::IsStarved(const ThreadHealth& thread) const {
  const double waited = thread.wait_share.value_or(0);
  if (waited > limits_.max_wait_anyhow) return true;
  return waited > limits_.max_run_queue_wait_share && OfWanted(thread) > limits_.max_wait_of_wanted &&
         health_.cores_busy_share.value_or(1) > limits_.max_cores_busy_share;
}

void Judge::Processors() {
  if (!health_.loop_cpu_share) verdict_.unknown.emplace_back("CPU share of the loop thread");
  if (!health_.run_queue_wait_share) verdict_.unknown.emplace_back("time on the run queue");
  const ThreadHealth* most_busy = nullptr;
  const ThreadHealth* most_kept = nullptr;
  for (const ThreadHealth* thread : Threads()) {
    if (most_busy == nullptr || thread->cpu_share > most_busy->cpu_share) most_busy = thread;
    if (most_kept == nullptr || thread->wait_share > most_kept->wait_share) most_kept = thread;
  }
  if (most_busy != nullptr && most_busy->cpu_share.value_or(0) > limits_.max_loop_cpu_share) {
    AboutClient("busy_thread", *most_busy->cpu_share, limits_.max_loop_cpu_share,
                NameOf(*most_busy) + " was busy " + Percent(*most_busy->cpu_share) + " of the time (limit " +
                    Percent(limits_.max_loop_cpu_share) +
                    "), so the endpoint may be faster than measured; use more --threads, several clients or "
                    "a faster core");
  }
  if (most_kept != nullptr && IsStarved(*most_kept)) {
    AboutClient(
        "run_queue_wait", *most_kept->wait_share, limits_.max_run_queue_wait_share,
        "other work took the client's core for " + Percent(*most_kept->wait_share) + " of the time (limit " +
            Percent(limits_.max_run_queue_wait_share) + "), " + Percent(OfWanted(*most_kept)) +
            " of that in which " + NameOf(*most_kept) + " wanted to run" +
            (health_.cores_busy_share ? ", and its cores were " + Percent(*health_.cores_busy_share) + " busy"
                                      : "") +
            "; give the client a core of its own (taskset), raise its priority (nice), or use no "
            "more --threads than there are free cores");
  }
  if (health_.hand_over_lag_max && *health_.hand_over_lag_max > limits_.max_hand_over_lag) {
    AboutClient("hand_over_lag", ToMilliseconds(*health_.hand_over_lag_max),
                ToMilliseconds(limits_.max_hand_over_lag),
                "finished records waited up to " + Milliseconds(*health_.hand_over_lag_max) +
                    " for the thread of decisions and sinks (limit " +
                    Milliseconds(limits_.max_hand_over_lag) +
                    "), and with them what depends on an answer: a sink or the disk is slow; write the "
                    "results to a faster disk, or use fewer --threads");
  }
}

void Judge::Failures(const char* code, int64_t count, int64_t limit, const std::string& what,
                     const std::string& advice) {
  if (count <= limit) return;
  AboutClient(code, static_cast<double>(count), static_cast<double>(limit),
              "the client ran out of " + what + " " + Times(count) + " (limit " + std::to_string(limit) +
                  "); " + advice);
}

void Judge::Sockets() {
  Failures("descriptors", health_.descriptor_failures, limits_.max_descriptor_failures, "file descriptors",
           "raise the limit with ulimit -n");
  Failures("ports", health_.port_failures, limits_.max_port_failures, "local ports",
           "widen net.ipv4.ip_local_port_range, or let the endpoint keep connections alive so that they are "
           "used again");
  if (!health_.retransmit_share || *health_.retransmit_share <= limits_.max_retransmit_share) return;
  const double again = CountOf(*health_.retransmit_share, health_.segments_sent);
  if (health_.segments_sent > 0 && again < static_cast<double>(limits_.min_retransmits)) return;
  AboutClient("retransmits", *health_.retransmit_share, limits_.max_retransmit_share,
              "of the client's TCP segments " + Percent(*health_.retransmit_share) +
                  " were sent again (limit " + Percent(limits_.max_retransmit_share) +
                  "): the network or the endpoint's accept queue dropped them, and each costs 200 ms or "
                  "more; look for loss on the way (ping, ethtool -S), or connect more slowly");
}

void Judge::Arrivals() {
  if (!health_.arrival_clock) verdict_.unknown.emplace_back("arrival clock");
  const bool are_few = health_.arrival_events < limits_.min_upper_bound_events;
  if (health_.upper_bound_share.value_or(0) > limits_.max_upper_bound_share && !are_few) {
    AboutClient("upper_bounds", *health_.upper_bound_share, limits_.max_upper_bound_share,
                "of " + Percent(*health_.upper_bound_share) +
                    " of the token events only the latest possible arrival is known (limit " +
                    Percent(limits_.max_upper_bound_share) +
                    "), because several came in one read: do not trust ITL percentiles; throughput is not "
                    "affected");
  }
  if (health_.wall_clock_steps > limits_.max_wall_clock_steps) {
    AboutClient("clock_steps", static_cast<double>(health_.wall_clock_steps),
                static_cast<double>(limits_.max_wall_clock_steps),
                "the wall clock jumped " + Times(health_.wall_clock_steps) + " during the run (limit " +
                    std::to_string(limits_.max_wall_clock_steps) +
                    "), and kernel arrival stamps with it; repeat the run with a steady clock");
  }
}

void Judge::WarmUp() {
  if (!health_.early_slowness) return;
  const EarlySlowness& early = *health_.early_slowness;
  const bool is_slow = early.ratio > limits_.max_early_slowdown &&
                       early.first_ms - early.later_ms > ToMilliseconds(limits_.min_early_delay);
  if (!is_slow || early.p_value > limits_.max_early_p_value) return;
  AboutRun("short_warm_up", early.ratio, limits_.max_early_slowdown,
           "the first " + std::to_string(early.first) + " requests took " + Fixed(early.ratio, 2) +
               " times as long to their first text as later ones (limit " +
               Fixed(limits_.max_early_slowdown, 2) + "; medians " + Milliseconds(early.first_ms) + " and " +
               Milliseconds(early.later_ms) + ", " + PValue(early.p_value) +
               "): the endpoint was still cold; send more before measuring (--warmup-requests, or "
               "--warmup-runs of a sweep)");
}

void Judge::Trend() {
  const auto is_trend = [&](const std::optional<RateTrend>& trend) {
    return trend && std::abs(trend->change) > limits_.max_throughput_change &&
           trend->p_value <= limits_.max_trend_p_value;
  };
  if (!is_trend(health_.throughput_trend)) return;
  const RateTrend& trend = *health_.throughput_trend;
  ValidityReason reason{"throughput_trend", trend.change, limits_.max_throughput_change, ""};
  const std::string course = std::string(trend.change < 0 ? "fell by " : "rose by ") +
                             Percent(std::abs(trend.change)) + " from the first to the last third of the run";
  const std::string limit =
      " (limit " + Percent(limits_.max_throughput_change) + ", " + PValue(trend.p_value) + ")";
  // A load that was meant to grow is no fault of anybody's, and its mean is one all the same.
  const bool was_asked_for = lever_ == LoadLever::kRate && is_trend(health_.due_trend) &&
                             (health_.due_trend->change > 0) == (trend.change > 0);
  if (was_asked_for) {
    reason.sentence = "throughput " + course + limit +
                      ", as the offered rate did: read the means as those of a load that changed";
    verdict_.caveats.push_back(std::move(reason));
    return;
  }
  reason.sentence = "throughput was not stationary: it " + course + limit +
                    ", so the mean describes neither; measure for longer or after a longer warm-up, and look "
                    "for what changed (a growing queue, caches, throttling, other load)";
  verdict_.reasons.push_back(std::move(reason));
}

// Few samples make nothing wrong, they leave something out: a short run stays valid.
void Judge::Samples() {
  std::string thin;
  double most = 0;
  for (const double p : {0.5, 0.9, 0.95, 0.99}) {
    if (!IsThinFor(health_.answered, p)) continue;
    thin += (thin.empty() ? "p" : ", p") + PercentileText(100 * p);
    most = std::round(1 / (1 - p));
  }
  if (thin.empty() || health_.answered == 0) return;
  verdict_.caveats.push_back(
      {"few_samples", static_cast<double>(health_.answered), most,
       thin + " of latencies rest on too few samples: " + std::to_string(health_.answered) + " of " +
           Fixed(most, 0) + " that are the least; send more requests"});
}

}  // namespace

Validity JudgeValidity(const ClientHealth& health, const ValidityThresholds& thresholds, LoadLever lever) {
  return Judge(health, thresholds, lever).Run();
}

}  // namespace llmdyno
