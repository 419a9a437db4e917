#include "llmdyno/report/failure_log.h"

#include <utility>

#include "base/json_writer.h"
#include "llmdyno/base/background_writer.h"
#include "llmdyno/base/status_macros.h"
#include "report/report_json.h"

namespace llmdyno {
namespace {

class FailureLog final : public RecordSink {
 public:
  FailureLog(FailureLogConfig config, std::unique_ptr<BackgroundWriter> file)
      : config_(std::move(config)), file_(std::move(file)) {}

  void OnRecord(const RequestRecord& record) override {
    if (record.outcome.ok()) return;
    line_.clear();
    AppendFailure(record);
    line_ += '\n';
    file_->Append(line_);
  }

  absl::Status Close() override { return file_->Close(); }

 private:
  WallTime WallOf(TimePoint at) const { return config_.wall_origin + (at - config_.monotonic_origin); }

  void AppendFailure(const RequestRecord& record) {
    const Outcome& outcome = record.outcome;
    JsonObjectWriter json(line_);
    json.Add("started_at", IsoUtc(WallOf(record.started_at)));
    json.Add("ended_at", IsoUtc(WallOf(record.ended_at)));
    json.Add("request_id", record.request_id);
    json.Add("phase", ToString(record.phase));
    json.Add("level", record.level);
    json.Add("run", record.run);
    json.Add("attempts", record.attempts);
    json.Add("class", ToString(outcome.cls));
    outcome.http_status ? json.Add("http_status", int64_t{*outcome.http_status})
                        : json.AddNull("http_status");
    outcome.retry_after ? json.AddReal("retry_after_s", ToSeconds(*outcome.retry_after))
                        : json.AddNull("retry_after_s");
    json.Add("message", outcome.message);
    json.AddReal("after_s", ToSeconds(record.ended_at - record.started_at));
    record.first_byte_at
        ? json.AddReal("first_byte_after_s", ToSeconds(*record.first_byte_at - record.started_at))
        : json.AddNull("first_byte_after_s");
    json.Add("received_bytes", record.received_bytes);
    json.Close();
  }

  const FailureLogConfig config_;
  const std::unique_ptr<BackgroundWriter> file_;
  std::string line_;  // keeps its memory from record to record
};

}  // namespace

absl::StatusOr<std::unique_ptr<RecordSink>> OpenFailureLog(const FailureLogConfig& config) {
  LLMDYNO_ASSIGN_OR_RETURN(auto file, BackgroundWriter::Open(config.path, "failure log", ""));
  return std::make_unique<FailureLog>(config, std::move(file));
}

}  // namespace llmdyno
