#include "llmdyno/report/race_csv.h"

#include <sstream>
#include <thread>

#include "llmdyno/metrics/run_metrics_builder.h"
#include "report/csv_text.h"
#include "support/catch.h"
#include "temporary_folder.h"
#include "unit/metrics/made_record.h"

using namespace llmdyno;

namespace {

// 2025-01-31 12:00:00.25 UTC at kStart.
constexpr WallTime kWall{1738324800s + 250ms};

RaceCsvConfig Config(const std::string& path, bool save_text = false) {
  return {.path = path, .monotonic_origin = kStart, .wall_origin = kWall, .save_text = save_text};
}

std::vector<std::vector<std::string>> Rows(const std::string& path) {
  std::istringstream in(ReadAll(path));
  CsvReader reader(in);
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> fields;
  while (reader.Next(fields)) rows.push_back(fields);
  return rows;
}

// Writes records, those after the line behind it, and returns the rows without the header.
std::vector<std::vector<std::string>> WriteAndRead(const std::vector<RequestRecord>& before,
                                                   std::optional<TimePoint> line = std::nullopt,
                                                   const std::vector<RequestRecord>& after = {},
                                                   bool save_text = false) {
  TemporaryFolder folder;
  auto csv = OpenRaceCsv(Config(folder.File("race.csv"), save_text));
  REQUIRE(csv.ok());
  for (const RequestRecord& record : before) (*csv)->OnRecord(record);
  if (line) (*csv)->OnFinishLine(*line, "target_tokens");
  for (const RequestRecord& record : after) (*csv)->OnRecord(record);
  REQUIRE((*csv)->Close().ok());
  auto rows = Rows(folder.File("race.csv"));
  REQUIRE_FALSE(rows.empty());
  rows.erase(rows.begin());
  return rows;
}

}  // namespace

TEST_CASE("The CSV begins with its 14 columns in order", "[report][race_csv]") {
  TemporaryFolder folder;
  auto csv = OpenRaceCsv(Config(folder.File("race.csv")));
  REQUIRE(csv.ok());
  REQUIRE((*csv)->Close().ok());
  CHECK(
      ReadAll(folder.File("race.csv")) ==
      "request_id,timestamp,user_id,user_request_num,input_tokens,output_tokens,ttft_ms,tpot_ms,end_to_end_s,"
      "total_tokens_per_sec,output_tokens_per_sec,status_code,input_prompt,output_text\n");
}

TEST_CASE("A success has its numbers in the documented form", "[report][race_csv]") {
  // Sent at 2 s, 20 tokens, one every 25 ms: TTFT 25 ms, TPOT 25 ms, 0.5 s. 10 + 20 tokens in 0.5 s: 60/s and
  // 40/s.
  RequestRecord record = MakeSteady(2s, 20, 25ms, 3);
  record.user_request = 4;
  const auto rows = WriteAndRead({record});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0] == std::vector<std::string>{"1", "1738324802", "3", "4", "10", "20", "25.00", "25.00",
                                            "0.500", "60.00", "40.00", "200", "[not saved]", "[not saved]"});
}

TEST_CASE("A failure is a row of zeros with its status and its real duration", "[report][race_csv]") {
  const auto rows =
      WriteAndRead({Make({.sent = 1s, .ended = 1250ms, .outcome = Failed(OutcomeClass::kOverload, 503)})});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0] == std::vector<std::string>{"1", "1738324801", "0", "0", "0", "0", "0.00", "0.00", "0.250",
                                            "0.00", "0.00", "503", "[FAILED]", "[ERROR 503]"});
}

TEST_CASE("A failure without a telling status has status 0 and names its class", "[report][race_csv]") {
  RequestRecord cut = MakeSteady(0s, 5, 100ms);
  cut.outcome = Failed(OutcomeClass::kCutStream, 200);
  const auto rows =
      WriteAndRead({Make({.ended = 1ms, .outcome = Failed(OutcomeClass::kConnectFailed)}), cut});
  REQUIRE(rows.size() == 2);
  CHECK(rows[0][11] == "0");
  CHECK(rows[0][13] == "[ERROR connect_failed]");
  CHECK(rows[1][11] == "0");  // 200 would read as a success
  CHECK(rows[1][13] == "[ERROR cut_stream]");
  CHECK(rows[1][5] == "0");
}

TEST_CASE("Rows are judged as at the finish line", "[report][race_csv]") {
  // Sent at 1 s, a token every 100 ms; by the line at 2.05 s ten of them: TPOT (2.0 - 1.1) / 9 = 100 ms.
  RequestRecord under_way = MakeSteady(1s, 30, 100ms);
  under_way.outcome = Failed(OutcomeClass::kCancelled);
  const auto rows =
      WriteAndRead({MakeSteady(0s, 10, 100ms)}, kStart + 2050ms, {under_way, MakeSteady(2s, 5, 100ms)});
  REQUIRE(rows.size() == 2);  // the third had no token at the line
  CHECK(rows[1] == std::vector<std::string>{"2", "1738324802", "0", "0", "10", "10", "100.00", "100.00",
                                            "1.050", "19.05", "9.52", "200", "[not saved]", "[not saved]"});
}

TEST_CASE("Column 6 adds up to the output tokens of the race", "[report][race_csv]") {
  TemporaryFolder folder;
  auto csv = OpenRaceCsv(Config(folder.File("race.csv")));
  REQUIRE(csv.ok());
  RunMetricsBuilder builder;
  const std::vector<RecordSink*> sinks = {csv->get(), &builder};
  const TimePoint line = kStart + 20s;
  // 40 users of different speeds, every fifth request failing; usage that says more than the stream did.
  std::vector<RequestRecord> records;
  for (int i = 0; i < 400; ++i) {
    RequestRecord record = MakeSteady(i * 50ms, 10 + i % 37, (10 + i % 7) * 1ms * (1 + i % 11), i % 40);
    if (i % 5 == 0) record.outcome = Failed(OutcomeClass::kIdleTimeout, 200);
    if (i % 3 == 0) record.output_tokens.tokens = record.arrivals.total_tokens() * 7 / 3;
    records.push_back(record);
  }
  for (const bool after : {false, true}) {
    for (const RequestRecord& record : records) {
      if ((record.ended_at > line) != after) continue;
      for (RecordSink* sink : sinks) sink->OnRecord(record);
    }
    if (!after) {
      for (RecordSink* sink : sinks) sink->OnFinishLine(line, "target_tokens");
    }
  }
  REQUIRE((*csv)->Close().ok());
  const RunMetrics metrics = builder.Build();
  int64_t output = 0;
  int64_t input = 0;
  int64_t ok = 0;
  const auto rows = Rows(folder.File("race.csv"));
  for (size_t i = 1; i < rows.size(); ++i) {
    output += std::stoll(rows[i][5]);
    input += std::stoll(rows[i][4]);
    ok += rows[i][11] == "200" ? 1 : 0;
  }
  CHECK(metrics.drain.in_flight > 0);
  CHECK(output == metrics.output_tokens);
  CHECK(input == metrics.input_tokens);
  CHECK(static_cast<int64_t>(rows.size()) - 1 == metrics.requests);
  CHECK(ok == metrics.successful);
}

TEST_CASE("Warm-up requests have no row", "[report][race_csv]") {
  RequestRecord record = MakeSteady(0s, 2, 1ms);
  record.phase = RunPhase::kWarmUp;
  CHECK(WriteAndRead({record}).empty());
}

TEST_CASE("Texts are kept only when asked for, cut to 200 characters and quoted", "[report][race_csv]") {
  RequestRecord record = MakeSteady(0s, 2, 1ms);
  record.prompt_text = "Why, \"dear\"\nfriend?";
  record.output_text = std::string(300, 'x');
  const auto rows = WriteAndRead({record}, std::nullopt, {}, true);
  CHECK(rows[0][12] == record.prompt_text);
  CHECK(rows[0][13] == std::string(200, 'x') + "...");
  CHECK(WriteAndRead({record})[0][12] == "[not saved]");
}

TEST_CASE("A success without text says that its output was empty", "[report][race_csv]") {
  const RequestRecord record = Make({.ended = 1s, .output_tokens = 0});
  CHECK(WriteAndRead({record})[0][13] == "[empty output]");
  CHECK(WriteAndRead({record}, std::nullopt, {}, true)[0][13] == "[empty output]");
}

TEST_CASE("Rows reach the file while the race goes on", "[report][race_csv]") {
  TemporaryFolder folder;
  auto csv = OpenRaceCsv(Config(folder.File("race.csv")));
  REQUIRE(csv.ok());
  (*csv)->OnRecord(MakeSteady(0s, 2, 1ms));
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  while (Rows(folder.File("race.csv")).size() < 2 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(20ms);
  }
  CHECK(Rows(folder.File("race.csv")).size() == 2);
}

TEST_CASE("A CSV that cannot be created is an error that names it", "[report][race_csv]") {
  const auto csv = OpenRaceCsv(Config("/nonexistent/race.csv"));
  REQUIRE_FALSE(csv.ok());
  CHECK(csv.status().message().find("/nonexistent/race.csv") != absl::string_view::npos);
}

TEST_CASE("A full disk is reported at the end", "[report][race_csv]") {
  auto csv = OpenRaceCsv(Config("/dev/full"));
  CHECK_FALSE(csv.ok());  // the header does not even fit
}
