#include "llmdyno/testing/record_sink_conformance.h"

#include <exception>

#include "testing/violations.h"

namespace llmdyno {
namespace {

constexpr TimePoint kStart = TimePoint(std::chrono::hours(1));
using std::chrono::milliseconds;

RequestRecord BareRecord(int64_t id, OutcomeClass cls) {
  RequestRecord record;
  record.request_id = id;
  record.user_id = id % 3;
  record.user_request = id / 3 + 1;
  record.scheduled_at = record.started_at = kStart + id * milliseconds(10);
  record.ended_at = record.started_at + milliseconds(500);
  record.outcome.cls = cls;
  if (cls != OutcomeClass::kOk) record.outcome.message = "went wrong: " + std::string(ToString(cls));
  return record;
}

void FillIn(RequestRecord& record) {
  const TimePoint start = record.started_at;
  record.connected_at = start + milliseconds(1);
  record.sent_at = start + milliseconds(2);
  record.first_byte_at = start + milliseconds(30);
  record.first_event_at = start + milliseconds(31);
  record.first_text_at = start + milliseconds(40);
  record.first_content_at = start + milliseconds(50);
  record.last_text_at = start + milliseconds(70);
  record.dns_time = record.connect_time = record.tls_time = milliseconds(1);
  record.http_version = 2;
  for (int i = 0; i < 4; ++i) {
    record.arrivals.Append({.at = start + milliseconds(40 + 10 * i),
                            .events = 1,
                            .tokens = 1U + static_cast<uint32_t>(i),
                            .upper_bound = i == 2});
  }
  record.input_tokens = {50, TokenCountSource::kUsage};
  record.output_tokens = {10, TokenCountSource::kUsage};
  record.cached_input_tokens = 16;
  record.reasoning_tokens = 2;
  record.requested_output_tokens = 64;
  record.sent_bytes = 400;
  record.received_bytes = 4000;
  record.finish_reason = "stop";
  record.outcome.http_status = 200;
}

}  // namespace

std::vector<RequestRecord> OddRecords() {
  std::vector<RequestRecord> records;
  int64_t id = 0;
  for (int cls = static_cast<int>(OutcomeClass::kOk); cls <= static_cast<int>(OutcomeClass::kCancelled);
       ++cls) {
    records.push_back(BareRecord(id++, static_cast<OutcomeClass>(cls)));
    RequestRecord full = BareRecord(id++, static_cast<OutcomeClass>(cls));
    FillIn(full);
    records.push_back(full);
  }
  RequestRecord texts = records[1];
  texts.request_id = id++;
  texts.prompt_text = "He said \"no\",\r\nthen left; 'tis\tall\\ \x01 \xF0\x9F\x98\x80 \xFF\xFE";
  texts.output_text = std::string("\0zero", 5) + "\n\n,,\"";
  texts.finish_reason = "an \"odd\" one\n";
  records.push_back(texts);
  RequestRecord large = records[1];
  large.request_id = id++;
  large.user_id = 9'999'999;
  large.output_tokens = {int64_t{1} << 40, TokenCountSource::kEstimated};
  large.received_bytes = int64_t{1} << 50;
  large.output_text = std::string(1 << 20, 'x');
  records.push_back(large);
  RequestRecord refused = BareRecord(id++, OutcomeClass::kOverload);
  refused.outcome.http_status = 503;
  refused.outcome.retry_after = std::chrono::seconds(7);
  refused.phase = RunPhase::kWarmUp;
  records.push_back(refused);
  return records;
}

std::vector<std::string> CheckRecordSink(const MakeRecordSink& make) {
  Violations found;
  const auto feed = [&](size_t count, std::optional<size_t> line_after) {
    const std::unique_ptr<RecordSink> sink = make();
    if (!found.Expect(sink != nullptr, "no sink was made")) return;
    try {
      RequestRecord reused;
      const std::vector<RequestRecord> records = OddRecords();
      for (size_t i = 0; i < count; ++i) {
        if (line_after == i) sink->OnFinishLine(kStart + milliseconds(100), "target_tokens");
        reused = records[i % records.size()];
        sink->OnRecord(reused);
        // As the run loop does: whoever kept a reference reads nonsense from here on.
        reused.Reset();
      }
      const absl::Status status = sink->Close();
      found.Expect(status.ok(), "Close reports a problem: " + std::string(status.message()));
    } catch (const std::exception& problem) {
      found.Expect(false, std::string("it throws: ") + problem.what());
    }
  };
  feed(0, std::nullopt);  // a run that sent nothing
  feed(1, 0);
  feed(OddRecords().size(), std::nullopt);  // one that was killed before the line
  feed(OddRecords().size(), 10);
  feed(3000, 2990);
  return found.Take();
}

}  // namespace llmdyno
