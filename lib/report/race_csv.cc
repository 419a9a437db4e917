#include "llmdyno/report/race_csv.h"

#include <cstdio>
#include <optional>
#include <utility>

#include "llmdyno/base/background_writer.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/metrics/finish_line.h"
#include "llmdyno/metrics/request_metrics.h"
#include "report/csv_text.h"

namespace llmdyno {
namespace {

constexpr size_t kTextLimit = 200;

std::string Number(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

// What does not exist is 0 in this file and in no other: its readers expect a number in every cell.
std::string MillisecondsOrZero(std::optional<Duration> duration) {
  return Number(duration ? ToMilliseconds(*duration) : 0, 2);
}

std::string PerSecond(int64_t tokens, Duration time) {
  return Number(time > Duration::zero() ? static_cast<double>(tokens) / ToSeconds(time) : 0, 2);
}

// 200 is a success and nothing else is. A failure has the status that says so, or 0: no connection, no answer
// in time, or a 2xx whose body was cut or broken.
int StatusCode(const RequestRecord& record, const RaceShare& share) {
  const int status = record.outcome.http_status.value_or(0);
  if (share.ok()) return 200;
  return status >= 200 && status < 300 ? 0 : status;
}

// The time per token of what had arrived by the line; the whole response's, once it had ended.
std::optional<Duration> TpotAtLine(const RequestRecord& record, const RaceShare& share) {
  if (share.standing == Standing::kSucceeded) return Tpot(record);
  if (share.standing != Standing::kUnderWay || share.output_tokens < 2) return std::nullopt;
  if (!record.first_text_at || !share.last_text_at || *share.last_text_at <= *record.first_text_at)
    return std::nullopt;
  return (*share.last_text_at - *record.first_text_at) / (share.output_tokens - 1);
}

class RaceCsvSink final : public RecordSink {
 public:
  RaceCsvSink(RaceCsvConfig config, std::unique_ptr<BackgroundWriter> file)
      : config_(std::move(config)), file_(std::move(file)) {}

  void OnRecord(const RequestRecord& record) override {
    if (record.phase == RunPhase::kWarmUp) return;
    const RaceShare share = JudgeAtLine(record, line_);
    if (!share.counts()) return;
    row_.clear();
    AppendNumbers(record, share);
    AppendTexts(record, share);
    row_ += '\n';
    file_->Append(row_);
  }

  void OnFinishLine(TimePoint line, std::string_view /*reason*/) override { line_ = line; }

  absl::Status Close() override { return file_->Close(); }

 private:
  void Append(std::string_view field) {
    if (!row_.empty()) row_ += ',';
    row_ += field;
  }
  void Append(int64_t value) { Append(std::to_string(value)); }

  void AppendNumbers(const RequestRecord& record, const RaceShare& share) {
    const Duration time = share.until - record.started_at;
    const WallTime completed = config_.wall_origin + (share.until - config_.monotonic_origin);
    Append(++rows_);
    Append(std::chrono::floor<std::chrono::seconds>(completed).time_since_epoch().count());
    Append(record.user_id);
    Append(record.user_request);
    Append(share.input_tokens);
    Append(share.output_tokens);
    Append(MillisecondsOrZero(share.ok() ? Ttft(record) : std::nullopt));
    Append(MillisecondsOrZero(TpotAtLine(record, share)));
    Append(Number(ToSeconds(time), 3));
    Append(PerSecond(share.input_tokens + share.output_tokens, time));
    Append(PerSecond(share.output_tokens, time));
    Append(StatusCode(record, share));
  }

  void AppendTexts(const RequestRecord& record, const RaceShare& share) {
    row_ += ',';
    AppendCsvField(PromptCell(record, share), row_);
    row_ += ',';
    AppendCsvField(OutputCell(record, share), row_);
  }

  std::string PromptCell(const RequestRecord& record, const RaceShare& share) const {
    if (!share.ok()) return "[FAILED]";
    return config_.save_text ? CutText(record.prompt_text, kTextLimit) : "[not saved]";
  }

  std::string OutputCell(const RequestRecord& record, const RaceShare& share) const {
    if (!share.ok()) {
      const int status = StatusCode(record, share);
      return "[ERROR " + (status != 0 ? std::to_string(status) : std::string(ToString(record.outcome.cls))) +
             "]";
    }
    if (share.output_tokens == 0) return "[empty output]";
    if (!config_.save_text) return "[not saved]";
    return record.output_text.empty() ? "[empty output]" : CutText(record.output_text, kTextLimit);
  }

  const RaceCsvConfig config_;
  const std::unique_ptr<BackgroundWriter> file_;
  std::optional<TimePoint> line_;
  std::string row_;
  int64_t rows_ = 0;
};

std::string HeaderLine() {
  std::string line;
  for (const std::string_view column : kRaceCsvColumns) {
    if (!line.empty()) line += ',';
    line += column;
  }
  return line + "\n";
}

}  // namespace

absl::StatusOr<std::unique_ptr<RecordSink>> OpenRaceCsv(const RaceCsvConfig& config) {
  LLMDYNO_ASSIGN_OR_RETURN(auto file, BackgroundWriter::Open(config.path, "CSV", HeaderLine()));
  return std::make_unique<RaceCsvSink>(config, std::move(file));
}

}  // namespace llmdyno
