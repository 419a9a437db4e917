// What an open loop keeps to: its schedule, a high rate, the truth about the first token, and a stall.
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "arrival_error.h"
#include "llmdyno/core/record_log.h"
#include "measurement_setup.h"
#include "measurements.h"
#include "offered_load.h"

namespace llmdyno {
namespace {

Measurement SendErrorRow(const std::string& arrivals, const LocalEndpoint& endpoint, const Scratch& scratch) {
  const OfferedResult result = OfferLoad({.port = endpoint.port,
                                          .cpu = kClientCpu,
                                          .arrivals = arrivals,
                                          .record_log_path = scratch.File("records.jsonl")});
  return {"send error at 2000 requests/s, " + arrivals + " arrivals, 8 streamed tokens each",
          "p50 <= 50 us, p99 <= 300 us",
          Text("p50 %.1f us, ", result.send_error_p50_us) + Text("p99 %.1f us, ", result.send_error_p99_us) +
              Text("max %.0f us", result.send_error_max_us) + " (n = " + Count(result.requests) + ", " +
              Count(result.successful) + " ok" + Text(", loop busy %.0f %%)", 100 * result.busy),
          result.send_error_p50_us <= 50 && result.send_error_p99_us <= 300 &&
              result.successful == result.requests};
}

bool IsWithinOnePercent(double value, double target) { return std::abs(value / target - 1) <= 0.01; }

// A wait of the client or of the endpoint while the rate is "held" would make completions fall behind.
bool IsHeld(const OfferedLoad& load, const OfferedResult& result) {
  return result.successful == load.requests && IsWithinOnePercent(result.sent_per_second, load.per_second) &&
         IsWithinOnePercent(result.completed_per_second, load.per_second);
}

// A stall of the endpoint, and what the client did in that time.
struct Stall {
  int64_t begin_ns = 0;
  int64_t end_ns = 0;
  int64_t due = 0;
  int64_t sent = 0;
};

Stall MakeStall(Process& endpoint) {
  ::sleep(3);
  Stall stall;
  endpoint.Pause();
  stall.begin_ns = MonotonicNanoseconds();
  ::sleep(5);
  stall.end_ns = MonotonicNanoseconds();
  endpoint.Resume();
  return stall;
}

void CountRequests(const std::string& records_path, Stall& stall) {
  const auto is_within = [&](TimePoint at) {
    const int64_t ns = at.time_since_epoch().count();
    return ns >= stall.begin_ns && ns < stall.end_ns;
  };
  const auto contents = ReadRecordLog(records_path, [&](const RequestRecord& record) {
    stall.due += is_within(record.scheduled_at);
    stall.sent += is_within(record.started_at);
  });
  if (contents.ok()) return;
  std::fprintf(stderr, "%s\n", std::string(contents.status().message()).c_str());
  std::exit(1);
}

struct StalledRun {
  OfferedResult result;
  Stall stall;
};

StalledRun RunThroughStall(std::optional<int64_t> max_in_flight) {
  const Scratch scratch;
  const LocalEndpoint endpoint =
      StartEndpoint({"--profile", "scripted", "--ttft", "10ms", "--itl", "2ms"}, scratch);
  const OfferedLoad load{.port = endpoint.port,
                         .cpu = kClientCpu,
                         .per_second = 200,
                         .requests = 2400,
                         .max_in_flight = max_in_flight,
                         .record_log_path = scratch.File("records.jsonl")};
  StalledRun run;
  run.result = OfferLoad(load, [&] { run.stall = MakeStall(*endpoint.process); });
  CountRequests(load.record_log_path, run.stall);
  return run;
}

std::string TextOf(const StalledRun& run) {
  const OfferedResult& result = run.result;
  return "sent " + Count(run.stall.sent) + " of the " + Count(run.stall.due) +
         " due in the stall; e2e p99 from the schedule " +
         Text("%.0f ms, ", result.e2e_from_schedule_p99_ms) +
         Text("from the send %.0f ms", result.e2e_p99_ms) + " (offered" +
         Text(" %.1f/s", result.offered_per_second) +
         Text(", sent %.1f/s over the whole, ", result.sent_per_second) + Count(result.successful) + " of " +
         Count(result.requests) + " ok, at most " + Count(result.peak_in_flight) + " in flight)";
}

}  // namespace

std::vector<Measurement> MeasureSends() {
  const Scratch scratch;
  const LocalEndpoint endpoint =
      StartEndpoint({"--profile", "scripted", "--ttft", "20ms", "--itl", "5ms"}, scratch);
  return {SendErrorRow("constant", endpoint, scratch), SendErrorRow("poisson", endpoint, scratch)};
}

std::vector<Measurement> MeasureOfferedRate() {
  const Scratch scratch;
  const LocalEndpoint endpoint = StartEndpoint({"--profile", "fast"}, scratch);
  double highest = 0;
  double send_error_p99_us = 0;
  std::string steps;
  for (const double thousands : {30, 35, 40, 45, 50, 60}) {
    const OfferedLoad load{.port = endpoint.port,
                           .cpu = kClientCpu,
                           .per_second = 1000 * thousands,
                           .requests = static_cast<int64_t>(4000 * thousands),
                           .output_tokens = 4,
                           .stream = false,
                           .record_log_path = scratch.File("records.jsonl")};
    const OfferedResult result = OfferLoad(load);
    steps += (steps.empty() ? "" : "; ") + Text("%.0f k: ", thousands);
    if (IsHeld(load, result)) {
      highest = thousands;
      send_error_p99_us = result.send_error_p99_us;
      steps += Text("sent %+.2f %%", 100 * (result.sent_per_second / load.per_second - 1));
    } else {
      steps += Text("not held, sent %.1f k", result.sent_per_second / 1e3) +
               Text(", completed %.1f k", result.completed_per_second / 1e3);
    }
  }
  return {
      {"offered rate held within 1 %, constant arrivals, answers of 4 tokens, not streamed",
       ">= 30 k requests/s",
       Text("%.0f k", highest) + Text(" (send error p99 there %.0f us; ", send_error_p99_us) + steps + ")",
       highest >= 30}};
}

std::vector<Measurement> MeasureFirstTokens() {
  const Scratch scratch;
  const std::string log = scratch.File("truth.jsonl");
  std::vector<std::string> flags = kPacedEndpoint;
  flags.insert(flags.end(), {"--log", log});
  const LocalEndpoint endpoint = StartEndpoint(flags, scratch);
  // A request is under way for two seconds: the first token after 50 ms, then 99 steps of 20 ms.
  const OfferedLoad load{.port = endpoint.port,
                         .cpu = kClientCpu,
                         .arrivals = "poisson",
                         .per_second = 500,
                         .requests = 6000,
                         .output_tokens = 100,
                         .record_log_path = scratch.File("records.jsonl")};
  const OfferedResult result = OfferLoad(load);
  endpoint.process->Terminate();
  endpoint.process->Wait();
  const FirstTokenError error =
      MeasureFirstTokenError(load.record_log_path, log, std::chrono::milliseconds(2100));
  return {{"TTFT error against the simulator's ground truth, 500 requests/s of 2 s, 1000 in flight",
           "p99 <= 50 us",
           Text("p50 %.1f us, ", error.arrival.p50_us) + Text("p99 %.1f us, ", error.arrival.p99_us) +
               Text("max %.0f us", error.arrival.max_us) + " (n = " + Count(error.requests) + ", " +
               Count(error.upper_bounds) + " upper bounds, up to " + Count(result.peak_in_flight) +
               " in flight); with the client's way to the socket" +
               Text(" p50 %.0f us,", error.client.p50_us) + Text(" p99 %.0f us;", error.client.p99_us) +
               " and until the simulator reads" + Text(" p50 %.0f us,", error.ttft.p50_us) +
               Text(" p99 %.0f us", error.ttft.p99_us),
           error.arrival.p99_us <= 50 && result.successful == load.requests}};
}

std::vector<Measurement> MeasureStalls() {
  const StalledRun open = RunThroughStall({});
  const StalledRun limited = RunThroughStall(16);
  const bool open_loop_holds =
      IsWithinOnePercent(static_cast<double>(open.stall.sent), static_cast<double>(open.stall.due)) &&
      open.result.e2e_from_schedule_p99_ms >= 4000;
  return {{"a stall of 5 s at 200 requests/s, open loop",
           "sends go on as scheduled; p99 from the schedule shows the stall", TextOf(open), open_loop_holds},
          {"the same with at most 16 in flight",
           "p99 from the schedule shows the stall; that from the send is blind to it", TextOf(limited),
           limited.result.e2e_from_schedule_p99_ms >= 4000}};
}

}  // namespace llmdyno
