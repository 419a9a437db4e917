#include "llmdyno/report/prometheus_file.h"

#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "llmdyno/base/duration_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/report/result_file.h"
#include "report/prometheus_text.h"
#include "report/report_json.h"

namespace llmdyno {
namespace {

// The labels that one would want to tell runs apart by.
std::string InfoLabels(const std::string& configuration_json) {
  const Json configuration = ConfigurationJson(configuration_json);
  const auto text = [&](const char* key) {
    const auto found = configuration.find(key);
    return found != configuration.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  std::string labels;
  AppendPrometheusLabel("model", text("model"), labels);
  AppendPrometheusLabel("simulated", text("simulate").empty() ? "false" : "true", labels);
  return labels;
}

// The disk is waited for on a thread of its own; what the loop's thread waits for is a copy of the counters.
class PrometheusFile final : public RecordSink {
 public:
  explicit PrometheusFile(const PrometheusFileConfig& config)
      : path_(config.path), interval_(config.interval), info_(InfoLabels(config.configuration_json)) {}
  ~PrometheusFile() override { (void)Close(); }

  absl::Status Start() {
    LLMDYNO_RETURN_IF_ERROR(Write());
    thread_ = std::thread([this] { WriteLoop(); });
    return absl::OkStatus();
  }

  void OnRecord(const RequestRecord& record) override {
    const std::lock_guard lock(mutex_);
    counters_.Add(record);
  }

  void OnFinishLine(TimePoint /*line*/, std::string_view /*reason*/) override {
    const std::lock_guard lock(mutex_);
    counters_.FinishLine();
  }

  absl::Status Close() override {
    if (!thread_.joinable()) return status_;
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
    }
    wake_.notify_one();
    thread_.join();
    return status_ = Write();
  }

 private:
  absl::Status Write() {
    std::unique_lock lock(mutex_);
    const PrometheusCounters counters = counters_;
    lock.unlock();
    return WriteResultFile(path_, counters.Text(info_));
  }

  void WriteLoop() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, interval_, [&] { return closing_; })) {
      lock.unlock();
      (void)Write();  // the next one may succeed, and has all that this one would have had
      lock.lock();
    }
  }

  const std::string path_;
  const Duration interval_;
  const std::string info_;
  std::mutex mutex_;
  std::condition_variable wake_;
  PrometheusCounters counters_;  // guarded by mutex_
  bool closing_ = false;         // guarded by mutex_
  absl::Status status_;
  std::thread thread_;
};

}  // namespace

absl::Status PrometheusFileConfig::Validate() const {
  constexpr Duration kShortest = std::chrono::milliseconds(100);
  if (path.empty()) return absl::InvalidArgumentError("the Prometheus file has no path");
  if (interval >= kShortest) return absl::OkStatus();
  return absl::InvalidArgumentError("interval: expected " + ToString(kShortest) + " or more, got " +
                                    ToString(interval));
}

absl::StatusOr<std::unique_ptr<RecordSink>> OpenPrometheusFile(const PrometheusFileConfig& config) {
  LLMDYNO_RETURN_IF_ERROR(config.Validate());
  auto sink = std::make_unique<PrometheusFile>(config);
  LLMDYNO_RETURN_IF_ERROR(sink->Start());
  return sink;
}

}  // namespace llmdyno
