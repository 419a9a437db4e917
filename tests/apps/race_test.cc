// The rows of a race that goes well; A01 and so on are those of the reference table.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

#include "apps/app_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

const Arguments kQuick = {"--ttft", "4ms", "--itl", "1ms", "--output-tokens", "20"};

Json BodyOf(const Json& logged) {
  return logged["body"].is_string() ? Json::parse(logged["body"].get<std::string>()) : logged["body"];
}

std::string UserMessage(const Json& logged) {
  return BodyOf(logged)["messages"].back()["content"].get<std::string>();
}

size_t WordCount(const std::string& text) {
  std::istringstream words(text);
  return static_cast<size_t>(std::distance(std::istream_iterator<std::string>(words), {}));
}

std::string Words(int n) {
  std::string text = "w1";
  for (int i = 2; i <= n; ++i) text += " w" + std::to_string(i);
  return text;
}

// The different user messages that a short race sends with these flags.
std::set<std::string> SentPrompts(const Arguments& flags) {
  const Scratch scratch;
  SimProcess sim(kQuick);
  Arguments all = sim.RaceFlags({"--target-tokens", "1200", "--users", "4", "--spawn-rate", "0"});
  all.insert(all.end(), flags.begin(), flags.end());
  const Finished race = RunRaceOnly(scratch, all);
  INFO(race.err);
  CHECK(race.exit == 0);
  std::set<std::string> prompts;
  for (const Json& request : sim.StopAndReadLog()) prompts.insert(UserMessage(request));
  return prompts;
}

// The largest number of tokens in any 10 s, by the server's own account of what it sent until `end_ns`.
double BestTenSeconds(const std::vector<Json>& log, int64_t end_ns) {
  std::vector<int64_t> sent;
  for (const Json& request : log) {
    for (const Json& instant : request["token_sent_ns"]) {
      if (instant.get<int64_t>() <= end_ns) sent.push_back(instant.get<int64_t>());
    }
  }
  std::sort(sent.begin(), sent.end());
  size_t best = 0;
  for (size_t first = 0, last = 0; last < sent.size(); ++last) {
    while (sent[last] - sent[first] >= 10'000'000'000) ++first;
    best = std::max(best, last - first + 1);
  }
  return static_cast<double>(best) / 10;
}

}  // namespace

// A01, A09, A16, A20 and the arithmetic of the cost line.
TEST_CASE("A race ends at its token target with status 0 and ten lines that agree with its files", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const RaceRun race = RunRace(scratch, sim.RaceFlags({"--target-tokens", "2000", "--users", "4",
                                                       "--spawn-rate", "100", "--price-per-hour", "1.47"}));
  INFO(race.out << race.err);
  REQUIRE(race.exit == 0);
  CHECK(race.files.summary["stop_reason"] == "target_tokens");

  const double output = PrintedNumber(race.out, "Output Tokens");
  const double input = PrintedNumber(race.out, "Input Tokens");
  CHECK(output >= 2000);
  CHECK(PrintedNumber(race.out, "Total Tokens") == output + input);
  const double elapsed = race.files.Metric("elapsed_s");
  CHECK(PrintedNumber(race.out, "Time Elapsed") == Approx(elapsed).margin(0.0501));
  CHECK(std::regex_search(race.out, std::regex("Time Elapsed: +[0-9.]+s \\([0-9.]+ minutes\\)")));
  CHECK(PrintedNumber(race.out, "Avg Throughput") == Approx(output / elapsed).margin(0.0501));
  CHECK(PrintedNumber(race.out, "Peak Throughput") >= PrintedNumber(race.out, "Avg Throughput"));
  const double total = PrintedNumber(race.out, "Total Requests");
  CHECK(PrintedNumber(race.out, "Successful") + PrintedNumber(race.out, "Failed") == total);
  CHECK(LinesWith(race.out, "Success Rate:").at(0).ends_with("100.00%"));

  // One accounting, shown three times.
  CHECK(race.files.csv.Sum("output_tokens") == output);
  CHECK(race.files.csv.Sum("input_tokens") == input);
  CHECK(static_cast<double>(race.files.csv.rows.size()) == total);
  CHECK(race.files.Metric("output_tokens") == output);

  // Per user, once, adding up to the total.
  REQUIRE(LinesWith(race.out, "  Users ").size() == 1);
  double of_users = 0;
  const std::regex user("user [0-9]+: ([0-9]+) requests?, .*?mean TTFT [0-9.]+ ms");
  for (std::sregex_iterator it(race.out.begin(), race.out.end(), user), end; it != end; ++it) {
    of_users += std::stod((*it)[1]);
  }
  CHECK(of_users == total);

  // 1.47 $/h * elapsed / 3600 / output tokens * 10^6
  CHECK(race.files.summary["cost"]["per_million_output_tokens_usd"].get<double>() ==
        Approx(1.47 * elapsed / 3600 / output * 1e6).margin(0.001));
  CHECK(Contains(race.out, "VALID") != Contains(race.out, "SUSPECT"));
}

TEST_CASE("Latencies are printed with mean, four percentiles and n", "[apps]") {
  const Scratch scratch;
  const RaceRun race = RunRace(scratch, {"--simulate", "fast:ttft=4ms,itl=1ms,output_tokens=20",
                                         "--target-tokens", "400", "--users", "4", "--spawn-rate", "0"});
  const std::regex head("Latency \\(ms\\) +mean +p50 +p90 +p95 +p99 +n\n");
  CHECK(std::regex_search(race.out, head));
  for (const std::string name : {"TTFT", "TPOT", "ITL", "E2E"}) {
    INFO(name);
    CHECK(std::regex_search(race.out, std::regex("    " + name + "( +~?[0-9.,]+){5} +[0-9,]+\n")));
  }
  CHECK(Contains(race.out, "SIMULATED"));
  CHECK(Contains(race.err, "SIMULATED"));
  CHECK(race.files.summary["simulated"] == true);
  CHECK(race.files.summary["configuration"]["users"] == 4);
}

// A04
TEST_CASE("Users are spawned at the rate asked for", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "1s", "--itl", "1ms", "--output-tokens", "3000"});
  const RaceRun race = RunRace(scratch, sim.RaceFlags({"--duration", "1.1s", "--users", "10", "--spawn-rate",
                                                       "10", "--drain-timeout", "10ms"}));
  INFO(race.err);
  const std::vector<Json> records = race.files.Records();
  REQUIRE(records.size() == 10);
  std::vector<int64_t> scheduled;
  for (const Json& record : records) scheduled.push_back(record["scheduled_ns"]);
  std::sort(scheduled.begin(), scheduled.end());
  for (size_t i = 0; i < 10; ++i) {
    CHECK(scheduled[i] - scheduled[0] ==
          Approx(1e8 * static_cast<double>(i)).margin(1e6));  // 1 / (10 users/s)
  }
  const std::vector<Json> log = sim.StopAndReadLog();
  REQUIRE(log.size() == 10);
  CHECK(log[9]["arrival_ns"].get<int64_t>() - log[0]["arrival_ns"].get<int64_t>() > 500'000'000);
}

// A05
TEST_CASE("Every user keeps one request in flight until the stop", "[apps]") {
  const Scratch scratch;
  const SimProcess sim({"--ttft", "20ms", "--itl", "2ms", "--output-tokens", "40"});
  const RaceRun race =
      RunRace(scratch, sim.RaceFlags({"--target-tokens", "2400", "--users", "12", "--spawn-rate", "0"}));
  INFO(race.err);
  CHECK(race.exit == 0);
  CHECK(sim.Stats()["max_in_flight"] == 12);
  // The next request of a user is wanted at the end of the one before: no think time, whatever the machine
  // does.
  std::map<int64_t, std::map<int64_t, Json>> by_user;
  for (const Json& record : race.files.Records()) by_user[record["user_id"]][record["user_request"]] = record;
  CHECK(by_user.size() == 12);
  double longest_pause_ns = 0;
  for (const auto& [unused, requests] : by_user) {
    CHECK(requests.size() >= 3);
    for (auto it = std::next(requests.begin()); it != requests.end(); ++it) {
      const int64_t ended = std::prev(it)->second["ended_ns"];
      const double pause_ns = it->second["scheduled_ns"].get<double>() - static_cast<double>(ended);
      longest_pause_ns = std::max(longest_pause_ns, pause_ns);
    }
  }
  CHECK(longest_pause_ns < 1e9);
}

// A06
TEST_CASE("Only prompts within the token range are sent", "[apps]") {
  const Scratch scratch;
  std::string rows;
  for (int n = 10; n <= 60; ++n) rows += Json{{"instruction", Words(n)}, {"context", ""}}.dump() + "\n";
  const std::string path = scratch.Write("words.jsonl", rows);
  const std::set<std::string> prompts =
      SentPrompts({"--dataset", "dolly", "--dataset-path", path, "--prompt-min-tokens", "20",
                   "--prompt-max-tokens", "50"});
  REQUIRE(prompts.size() > 10);
  for (const std::string& prompt : prompts) {
    CHECK(WordCount(prompt) >= 20);
    CHECK(WordCount(prompt) <= 50);
  }
}

// A07
TEST_CASE("Prompts come from the file of the dataset as its tool of origin reads them", "[apps]") {
  const std::string data = LLMDYNO_TEST_DATA "/datasets/";
  const Arguments wide = {"--prompt-min-tokens", "1", "--prompt-max-tokens", "500"};
  const auto sent = [&](const std::string& name, const std::string& file) {
    Arguments flags = {"--dataset", name, "--dataset-path", data + file};
    flags.insert(flags.end(), wide.begin(), wide.end());
    return SentPrompts(flags);
  };
  CHECK(sent("dolly", "dolly.jsonl")
            .contains("The town has three bridges. The stone one was built first. Which bridge of the town "
                      "is the oldest?"));
  const std::set<std::string> sharegpt = sent("sharegpt", "sharegpt.jsonl");
  CHECK(sharegpt.contains("How do I keep bread fresh?"));
  CHECK(sharegpt.contains("Why is the sky blue — and not violet?"));
  CHECK_FALSE(sharegpt.contains("And for a week?"));  // the first user message only
  CHECK(sent("sharegpt", "sharegpt_array.json").contains("How do I keep bread fresh?"));
  for (const std::string& prompt : sent("billsum", "billsum.jsonl")) {
    CHECK(Contains(prompt, "\n\nSECTION 1. "));
  }
}

TEST_CASE("Requests are chats with a system prompt, a limit, a stream and usage asked for", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  RunRaceOnly(scratch,
              sim.RaceFlags({"--target-tokens", "60", "--users", "2", "--spawn_rate=0", "--max_tokens", "77",
                             "--extra-body", "{\"top_p\":0.5}", "--temperature", "0.25"}));
  const std::vector<Json> log = sim.StopAndReadLog();
  REQUIRE_FALSE(log.empty());
  const Json body = BodyOf(log[0]);
  CHECK(log[0]["route"] == "/v1/chat/completions");
  CHECK(body["messages"][0]["role"] == "system");
  CHECK(body["messages"][1]["role"] == "user");
  CHECK(body["max_tokens"] == 77);
  CHECK(body["stream"] == true);
  CHECK(body["stream_options"]["include_usage"] == true);
  CHECK(body["model"] == "m");
  CHECK(body["top_p"] == 0.5);
  CHECK(body["temperature"] == 0.25);
}

TEST_CASE("Both routes, streamed or not, give the tokens that the endpoint has sent", "[apps]") {
  const Arguments how =
      GENERATE(Arguments{"--api", "chat", "--no-stream"}, Arguments{"--api", "completions"},
               Arguments{"--api", "completions", "--no-stream"}, Arguments{"--continuous-usage"},
               Arguments{"--ignore-eos", "--max-tokens", "20"});
  INFO(how.back());
  const Scratch scratch;
  SimProcess sim({"--ttft", "4ms", "--itl", "1ms", "--output-tokens", "20", "--tokens-per-chunk", "4"});
  Arguments flags = sim.RaceFlags({"--num-requests", "6", "--max-num-seqs", "3"});
  flags.insert(flags.end(), how.begin(), how.end());
  const RaceRun race = RunRace(scratch, flags);
  INFO(race.out << race.err);
  CHECK(race.exit == 0);
  CHECK(race.files.Metric("output_tokens") == 120);  // 6 x 20
  double prompt_tokens = 0;
  for (const Json& request : sim.StopAndReadLog()) prompt_tokens += request["prompt_tokens"].get<double>();
  CHECK(race.files.Metric("input_tokens") == prompt_tokens);
}

TEST_CASE("The same seed sends the same prompts, another seed others", "[apps]") {
  const auto prompts = [](const std::string& seed) {
    const Scratch scratch;
    SimProcess sim(kQuick);
    RunRaceOnly(scratch, sim.RaceFlags({"--num-requests", "12", "--max-num-seqs", "1", "--seed", seed}));
    std::vector<std::string> sent;
    for (const Json& request : sim.StopAndReadLog()) sent.push_back(UserMessage(request));
    return sent;
  };
  const auto first = prompts("7");
  CHECK(first.size() == 12);
  CHECK(first == prompts("7"));
  CHECK(first != prompts("8"));
}

// A08, A15, A21 in the one long run: 3 s of silence, 5 s of tokens, silence again, and the first of the next
// tokens.
TEST_CASE("Progress is a line of seven fields every five seconds, and the peak is that of the best ten",
          "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "3s", "--itl", "10ms", "--output-tokens", "500"});
  const RaceRun race =
      RunRace(scratch, sim.RaceFlags({"--target-tokens", "10000000", "--duration", "12s", "--users", "5",
                                      "--spawn-rate", "0", "--drain-timeout", "50ms"}));
  INFO(race.err << race.out);
  CHECK(race.exit == 0);
  CHECK(Contains(race.err, "Race to 10,000,000 output tokens"));
  CHECK(Contains(race.out, "Race to 10,000,000 output tokens"));
  const std::regex fields(
      "[0-9,]+ ?/ ?10,000,000( tokens)? \\| +[0-9.]+% \\| +[0-9]+s \\| +[0-9,]+ tok/s"
      " \\| ETA [0-9,]+s \\| 5 users \\| .*reqs?.*");
  const std::vector<std::string> progress = LinesWith(race.err, "tok/s");
  CHECK(progress.size() == 2);
  for (const std::string& line : progress) {
    INFO(line);
    CHECK(std::regex_match(line, fields));
  }
  const int64_t end_ns = race.files.log[0]["monotonic_origin_ns"].get<int64_t>() + race.files.FinishLineNs();
  const double peak = race.files.Metric("peak_output_tokens_per_s");
  CHECK(peak > race.files.Metric("output_tokens_per_s"));
  CHECK(
      peak ==
      Approx(BestTenSeconds(sim.StopAndReadLog(), end_ns)).epsilon(0.02));  // about 300: 5 x (500 + 100) / 10
}

// A10, A11
TEST_CASE("Results are a stamped folder with a CSV of fourteen columns", "[apps]") {
  const Scratch scratch;
  const RaceRun race =
      RunRace(scratch, {"--simulate", "fast:ttft=2ms,itl=1ms,output_tokens=20", "--target-tokens", "100",
                        "--users", "2", "--engine", "vllm_performance"});
  std::smatch stamp;
  const std::string folder = std::filesystem::path(race.files.folder).filename().string();
  REQUIRE(std::regex_match(folder, stamp, std::regex("million-tokens-([0-9]{8}-[0-9]{6})")));
  CHECK(std::filesystem::path(race.files.csv_path).filename() ==
        "vllm_performance-" + stamp[1].str() + "-million-tokens.csv");
  CHECK(race.files.csv.header == std::vector<std::string>{"request_id", "timestamp", "user_id",
                                                          "user_request_num", "input_tokens", "output_tokens",
                                                          "ttft_ms", "tpot_ms", "end_to_end_s",
                                                          "total_tokens_per_sec", "output_tokens_per_sec",
                                                          "status_code", "input_prompt", "output_text"});
  for (const auto& row : race.files.csv.rows) {
    CHECK(std::regex_match(row[6], std::regex("[0-9]+\\.[0-9]{2}")));
    CHECK(std::regex_match(row[7], std::regex("[0-9]+\\.[0-9]{2}")));
    CHECK(std::regex_match(row[8], std::regex("[0-9]+\\.[0-9]{3}")));
    CHECK(row[11] == "200");
    CHECK(row[12] == "[not saved]");
    CHECK(row[13] == "[not saved]");
  }
  CHECK(race.files.csv.rows[0][0] == "1");
}

TEST_CASE("Texts are in the CSV when they are asked for", "[apps]") {
  const Scratch scratch;
  const RaceRun race =
      RunRace(scratch, {"--simulate", "fast:ttft=2ms,itl=1ms,output_tokens=100", "--target-tokens", "200",
                        "--users", "2", "--save-text", "--output-dir", "results"});
  bool has_long_text = false;
  for (const std::string& text : race.files.csv.Column("input_prompt")) {
    CHECK(text.size() > 40);
    has_long_text = has_long_text || (text.size() == 203 && text.ends_with("..."));
  }
  CHECK(has_long_text);
}

// A17
TEST_CASE("What arrives after the finish line is the drain and in no figure of the race", "[apps]") {
  const Scratch scratch;
  const SimProcess sim({"--ttft", "5ms", "--itl", "4ms", "--output-tokens", "150"});
  const RaceRun race =
      RunRace(scratch, sim.RaceFlags({"--target-tokens", "60", "--users", "3", "--spawn-rate", "0"}));
  INFO(race.out);
  CHECK(race.exit == 0);
  CHECK(race.files.Metric("in_flight_at_line") == 3);
  CHECK(race.files.Metric("drain_completed") == 3);
  CHECK(Contains(race.out, "in flight at the finish line: 3"));
  CHECK(race.files.csv.Sum("output_tokens") == race.files.Metric("output_tokens"));
  // Three answers of 150 tokens: what is not of the race came in the drain.
  CHECK(race.files.Metric("output_tokens") + race.files.Metric("drain_output_tokens") == 450);
  int64_t first_send = INT64_MAX;
  int64_t last_end = 0;
  for (const Json& record : race.files.Records()) {
    first_send = std::min(first_send, record["started_ns"].get<int64_t>());
    last_end = std::max(last_end, record["ended_ns"].get<int64_t>());
  }
  const int64_t line = race.files.FinishLineNs();
  CHECK(race.files.Metric("elapsed_s") == Approx(static_cast<double>(line - first_send) / 1e9).margin(1e-6));
  CHECK(race.files.Metric("drain_s") == Approx(static_cast<double>(last_end - line) / 1e9).margin(1e-6));
}

// A18
TEST_CASE("The safety limit of time ends a race with its reason and a status of its own", "[apps]") {
  const Scratch scratch;
  const RaceRun race = RunRace(scratch, {"--simulate", "fast:ttft=5ms,itl=1ms,output_tokens=20", "--users",
                                         "2", "--spawn-rate", "0", "--max-duration", "300ms"});
  CHECK(race.exit == 4);
  CHECK(race.files.summary["stop_reason"] == "max_duration");
  CHECK(Contains(race.out, "(max_duration)"));
  CHECK(Contains(race.err, "--max-duration"));
}

TEST_CASE("Warm-up requests are sent first and are in no figure", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  const RaceRun race = RunRace(
      scratch, sim.RaceFlags({"--num-requests", "10", "--max-num-seqs", "2", "--warmup-requests", "3"}));
  CHECK(race.exit == 0);
  CHECK(race.files.csv.rows.size() == 10);
  CHECK(race.files.Metric("requests") == 10);
  CHECK(race.files.Metric("warm_up_requests") == 3);
  CHECK(sim.StopAndReadLog().size() == 13);
}

// X02
TEST_CASE("A stream written one byte at a time gives the same tokens", "[apps]") {
  const auto race = [](const Arguments& more) {
    const Scratch scratch;
    Arguments flags = {"--output-tokens", "10-40"};
    flags.insert(flags.end(), more.begin(), more.end());
    const SimProcess sim(flags);
    return RunRace(scratch, sim.RaceFlags({"--num-requests", "12", "--max-num-seqs", "1"})).files;
  };
  const RaceFiles whole = race({});
  const RaceFiles split = race({"--split", "1", "--crlf", "--role-chunk"});
  CHECK(split.Metric("successful") == 12);
  CHECK(split.csv.Column("output_tokens") == whole.csv.Column("output_tokens"));
  CHECK(split.csv.Column("input_tokens") == whole.csv.Column("input_tokens"));
}

// X04
TEST_CASE("A race against an endpoint that is faster than any client is marked SUSPECT with the reason",
          "[apps]") {
  const Scratch scratch;
  const RaceRun race = RunRace(scratch, {"--simulate", "fast", "--target-tokens", "200000"});
  CHECK(race.exit == 0);
  CHECK(race.files.summary["verdict"]["valid"] == false);
  CHECK_FALSE(race.files.summary["verdict"]["reasons"].empty());
  CHECK(Contains(race.out, "SUSPECT"));
}

// X05
TEST_CASE("A race needs no network beyond its endpoint", "[apps]") {
  const Scratch scratch;
  const Finished race = RunApp(
      "llmdyno-race",
      {"--simulate", "fast:ttft=2ms,itl=1ms,output_tokens=20", "--target-tokens", "100", "--users", "2"},
      {.directory = scratch.path(), .isolate_network = true});
  if (race.exit == ChildProcess::kCannotIsolate) {
    WARN("this machine gives no network namespaces to users; not checked");
    return;
  }
  INFO(race.err);
  CHECK(race.exit == 0);
}

}  // namespace llmdyno
