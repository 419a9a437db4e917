// What can be made of results afterwards: A22 and A23.
#include "apps/app_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

const char kHeader[] =
    "request_id,timestamp,user_id,user_request_num,input_tokens,output_tokens,ttft_ms,tpot_ms,end_to_end_s,"
    "total_tokens_per_sec,output_tokens_per_sec,status_code,input_prompt,output_text\n";

// 400 s, from 1000 to 1400, in which a million tokens came.
std::string MillionInFourHundredSeconds() {
  return std::string(kHeader) +
         "1,1200,0,1,100,400000,10.00,1.00,200.000,2000.50,2000.00,200,\"a, \"\"b\"\"\nc\",x\n"
         "2,1400,0,2,100,600000,10.00,1.00,200.000,3000.50,3000.00,200,p,x\n";
}

}  // namespace

TEST_CASE("A million tokens in 400 s at 1.47 dollars an hour cost 0.163 dollars", "[apps]") {
  const Scratch scratch;
  const std::string csv = scratch.Write("old.csv", MillionInFourHundredSeconds());
  const Finished cost = RunApp("llmdyno", {"cost", "--csv", csv, "--price-per-hour", "1.47"});
  INFO(cost.out << cost.err);
  CHECK(cost.exit == 0);
  CHECK(Contains(cost.out, "0.163"));  // 1.47 * 400 / 3600
}

TEST_CASE("Several races are compared in one table", "[apps]") {
  const Scratch scratch;
  const std::string old = scratch.Write("old.csv", MillionInFourHundredSeconds());
  const Scratch fresh;
  const RaceRun race = RunRace(fresh, {"--simulate", "fast:ttft=2ms,itl=1ms,output_tokens=20",
                                       "--target-tokens", "300", "--users", "3", "--engine", "engine-nine"});
  const Finished table = RunApp("llmdyno", {"compare", old, race.files.folder});
  INFO(table.out << table.err);
  CHECK(table.exit == 0);
  CHECK(Contains(table.out, "engine-nine"));
  CHECK(Contains(table.out, "2,500"));  // 1,000,000 / 400 s
  CHECK(Contains(table.out, "100.00"));
  for (const std::string part : {"Configuration", "Users", "Time", "Tokens/sec", "Success"}) {
    CHECK(Contains(table.out, part));
  }
}

TEST_CASE("`report show` prints the block that the race has printed", "[apps]") {
  const Scratch scratch;
  const RaceRun race = RunRace(scratch, {"--simulate", "fast:ttft=2ms,itl=1ms,output_tokens=20",
                                         "--target-tokens", "300", "--users", "3"});
  const Finished show = RunApp("llmdyno", {"report", "show", race.files.folder});
  INFO(show.out << show.err);
  CHECK(show.exit == 0);
  for (const std::string label :
       {"Output Tokens", "Input Tokens", "Total Tokens", "Time Elapsed", "Avg Throughput", "Peak Throughput",
        "Total Requests", "Successful", "Failed", "Success Rate"}) {
    INFO(label);
    CHECK(LinesWith(show.out, label + ":") == LinesWith(race.out, label + ":"));
  }
}

}  // namespace llmdyno
