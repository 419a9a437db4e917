#include "llmdyno/report/race_csv_reader.h"

#include "support/catch.h"
#include "temporary_folder.h"

using namespace llmdyno;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kHeader =
    "request_id,timestamp,user_id,user_request_num,input_tokens,output_tokens,ttft_ms,tpot_ms,end_to_end_s,"
    "total_tokens_per_sec,output_tokens_per_sec,status_code,input_prompt,output_text\n";

absl::StatusOr<RaceCsvTotals> Read(const std::string& rows) {
  TemporaryFolder folder;
  return ReadRaceCsv(folder.Write("race.csv", std::string(kHeader) + rows));
}

}  // namespace

TEST_CASE("A CSV's rows are summed up", "[report][race_csv_reader]") {
  // First start: 1000 - 2.5 = 997.5; last end 1005: 7.5 s.
  const auto totals = Read(
      "1,1000,0,1,10,100,5.00,1.00,2.500,44.00,40.00,200,[not saved],[not saved]\n"
      "2,1005,1,1,20,200,5.00,1.00,3.000,73.33,66.67,200,\"a, \"\"b\"\"\nc\",text\n"
      "3,1003,1,2,0,0,0.0,0.0,0.100,0.00,0.00,503,[FAILED],[ERROR 503]\n");
  REQUIRE(totals.ok());
  CHECK(totals->requests == 3);
  CHECK(totals->successful == 2);
  CHECK(totals->failed == 1);
  CHECK(totals->users == 2);
  CHECK(totals->output_tokens == 300);
  CHECK(totals->input_tokens == 30);
  CHECK(*totals->span == 7500ms);
}

TEST_CASE("A CSV without rows has no span", "[report][race_csv_reader]") {
  const auto totals = Read("");
  REQUIRE(totals.ok());
  CHECK(totals->requests == 0);
  CHECK_FALSE(totals->span);
}

TEST_CASE("Columns are found by name and only the needed ones must be there", "[report][race_csv_reader]") {
  TemporaryFolder folder;
  const auto totals = ReadRaceCsv(folder.Write("race.csv",
                                               "\xEF\xBB\xBFstatus_code,end_to_end_s,output_tokens,input_"
                                               "tokens,user_id,timestamp\r\n200,1,7,3,0,50\r\n"));
  REQUIRE(totals.ok());
  CHECK(totals->output_tokens == 7);
  CHECK(totals->successful == 1);
}

TEST_CASE("What is wrong with a CSV is said in a sentence with file and line", "[report][race_csv_reader]") {
  const auto message = [](const std::string& rows) { return std::string(Read(rows).status().message()); };
  CHECK(message("1,x,0,1,1,1,1,1,1,1,1,200,,\n").find("line 2: timestamp is 'x', expected a number") !=
        std::string::npos);
  CHECK(message("1,1,0,1,1,-1,1,1,1,1,1,200,,\n").find("output_tokens is '-1'") != std::string::npos);
  CHECK(message("1,1,0\n").find("input_tokens is missing") != std::string::npos);
  CHECK(message("1,1,0,1,1,1,1,1,1,1,1,200,\"open,\n").find("no closing quote") != std::string::npos);

  TemporaryFolder folder;
  CHECK(absl::IsNotFound(ReadRaceCsv(folder.File("absent.csv")).status()));
  CHECK(ReadRaceCsv(folder.Write("empty.csv", "")).status().message().find("empty") !=
        absl::string_view::npos);
  CHECK(
      ReadRaceCsv(folder.Write("other.csv", "a,b\n1,2\n")).status().message().find("no column 'timestamp'") !=
      absl::string_view::npos);
}
