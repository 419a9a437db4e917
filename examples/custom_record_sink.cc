// A record sink of one's own: the requests that waited longest for their first token, as a small table. What
// percentiles leave out is which requests those were, and when.
//
//   custom_record_sink [FOLDER]    checks it, races the simulated endpoint in virtual time, prints the table
//
// docs/extending.md goes through it step by step.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "llmdyno/llmdyno.h"
#include "llmdyno/metrics/request_metrics.h"
#include "llmdyno/report/result_file.h"
#include "llmdyno/sim/virtual_transport.h"
#include "llmdyno/testing/record_sink_conformance.h"

namespace {

using namespace llmdyno;

class SlowestSink final : public RecordSink {
 public:
  SlowestSink(size_t count, std::string path, TimePoint origin)
      : count_(count), path_(std::move(path)), origin_(origin) {}

  // On the loop's thread, for every request: no disk here, and nothing kept but what is needed.
  void OnRecord(const RequestRecord& record) override {
    const std::optional<Duration> ttft = Ttft(record);
    if (record.phase == RunPhase::kWarmUp || !record.outcome.ok() || !ttft) return;
    slowest_.push_back({*ttft, record.request_id, record.started_at - origin_, record.input_tokens.tokens});
    std::push_heap(slowest_.begin(), slowest_.end(), IsSlower);
    if (slowest_.size() <= count_) return;
    std::pop_heap(slowest_.begin(), slowest_.end(), IsSlower);
    slowest_.pop_back();
  }

  // The file appears whole, or Close says why not: the run's other results are kept in any case.
  absl::Status Close() override {
    std::sort(slowest_.begin(), slowest_.end(), IsSlower);
    std::string text = "request      sent at s   TTFT ms  input tokens\n";
    for (const Row& row : slowest_) {
      char line[96];
      std::snprintf(line, sizeof line, "%7lld %14.3f %9.2f %13lld\n", static_cast<long long>(row.request_id),
                    ToSeconds(row.sent_at), ToMilliseconds(row.ttft),
                    static_cast<long long>(row.input_tokens));
      text += line;
    }
    return WriteResultFile(path_, text);
  }

 private:
  struct Row {
    Duration ttft{};
    int64_t request_id = 0;
    Duration sent_at{};  // from the run's beginning
    int64_t input_tokens = 0;
  };
  // A heap by this has the fastest of the slow at its front.
  static bool IsSlower(const Row& a, const Row& b) {
    return a.ttft != b.ttft ? a.ttft > b.ttft : a.request_id < b.request_id;
  }

  const size_t count_;
  const std::string path_;
  const TimePoint origin_;
  std::vector<Row> slowest_;
};

// --sink slowest:count=20
absl::StatusOr<std::unique_ptr<RecordSink>> MakeSlowest(const Params& params,
                                                        const RecordSinkContext& context) {
  int64_t count = 10;
  if (absl::Status status = ParamReader(params).Read("count", count).Finish(); !status.ok()) return status;
  if (count < 1 || count > 100'000) {
    return absl::InvalidArgumentError("slowest: count: expected 1 to 100,000, got " + std::to_string(count));
  }
  return std::make_unique<SlowestSink>(static_cast<size_t>(count), context.folder + "/slowest.txt",
                                       context.origin);
}

// A race of 200 requests with this sink beside the metrics. Virtual time: it takes milliseconds.
absl::Status Race(const Catalog& catalog, const std::string& folder) {
  SimulatedClock clock;
  const Diagnostics diagnostics;
  RunSpec spec;
  spec.endpoint.url.origin = std::string(kVirtualUrl);
  spec.endpoint.url.prefix = "/v1";
  spec.endpoint.model = "simulated";
  spec.workload.name = "synthetic";
  spec.workload.request.max_output_tokens = 100;
  spec.load = ClosedLoopConfig{.users = 16, .ramp_users_per_second = 0};
  spec.stop.requests = 200;
  const absl::StatusOr<SimConfig> simulated = MakeSimConfig(*Params::Parse("h100-llama-3.1-8b"));
  if (!simulated.ok()) return simulated.status();
  absl::StatusOr<std::unique_ptr<Transport>> transport = MakeVirtualTransport(*simulated, clock);
  if (!transport.ok()) return transport.status();
  const auto counter = MakeEstimatingTokenCounter();
  absl::StatusOr<RunPlan> plan = MakePlan(spec, {catalog, **transport, clock, diagnostics}, *counter);
  if (!plan.ok()) return plan.status();
  absl::StatusOr<std::unique_ptr<RecordSink>> sink = catalog.sinks.Make(
      *Params::Parse("slowest:count=5"), {folder, clock.Now(), clock.WallNow(), "{}", diagnostics});
  if (!sink.ok()) return sink.status();
  RunControl control;
  const RunContext context{clock, {transport->get()}, control, {sink->get()}, nullptr, {}, diagnostics};
  const absl::StatusOr<RunResult> result = ExecuteRun(*plan, context);
  const absl::Status closed = (*sink)->Close();
  return result.ok() ? closed : result.status();
}

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "custom_record_sink: %s\n", std::string(status.message()).c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : ".";
  Catalog catalog = MakeBuiltInCatalog();
  if (absl::Status added = catalog.sinks.Add(
          {"slowest", "the requests with the longest TTFT, in slowest.txt; count=N", MakeSlowest});
      !added.ok()) {
    return Fail(added);
  }
  const auto make = [&]() -> std::unique_ptr<RecordSink> {
    auto sink = catalog.sinks.Make(*Params::Parse("slowest"), {folder, {}, {}, "{}", Diagnostics()});
    return sink.ok() ? *std::move(sink) : nullptr;
  };
  const std::vector<std::string> violations = CheckRecordSink(make);
  for (const std::string& sentence : violations) std::fprintf(stderr, "%s\n", sentence.c_str());
  if (!violations.empty()) return 1;
  std::printf("the sink keeps to the rules\n");
  if (absl::Status raced = Race(catalog, folder); !raced.ok()) return Fail(raced);
  std::ifstream table(folder + "/slowest.txt");
  std::printf("SIMULATED, the slowest of 200 requests:\n");
  for (std::string line; std::getline(table, line);) std::printf("%s\n", line.c_str());
  return 0;
}
