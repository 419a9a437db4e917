#include "apps/sweep_runs.h"

#include <algorithm>
#include <filesystem>

namespace llmdyno {
namespace fs = std::filesystem;

std::vector<Json> SweepRun::Records(int level, int run) const {
  std::vector<Json> records;
  for (const Json& line : log) {
    if (line["type"] != "record" || line["phase"] != "measured") continue;
    if (line.value("level", 0) != level || (run >= 0 && line.value("run", 0) != run)) continue;
    records.push_back(line);
  }
  std::sort(records.begin(), records.end(),
            [](const Json& a, const Json& b) { return a["request_id"] < b["request_id"]; });
  return records;
}

Arguments SweepFlags(const std::string& url, const Arguments& more) {
  Arguments flags = {"--api-base", url + "/v1", "--model", "m", "--results-file", "out.json"};
  const auto has = [&](const std::string& flag) {
    return std::find(more.begin(), more.end(), flag) != more.end();
  };
  if (!has("--warmup-runs") && !has("--warmup_runs")) flags.insert(flags.end(), {"--warmup-runs", "0"});
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

std::unique_ptr<ChildProcess> StartSweep(const Scratch& scratch, const std::string& command,
                                         const Arguments& arguments) {
  Arguments all = {LLMDYNO_BINARY_DIR "/llmdyno", command};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return std::make_unique<ChildProcess>(all, ChildProcessOptions{.directory = scratch.path()});
}

SweepRun FinishSweep(ChildProcess& process, const Scratch& scratch) {
  SweepRun run;
  run.exit = process.Wait();
  run.out = process.Out();
  run.err = process.Err();
  const std::string results = scratch.path() + "/out.json";
  if (fs::exists(results)) run.json = Json::parse(ReadFile(results));
  const std::string log = scratch.path() + "/out.records.jsonl";
  if (fs::exists(log)) run.log = JsonLines(ReadFile(log));
  return run;
}

SweepRun RunSweep(const Scratch& scratch, const SimProcess& sim, const Arguments& more,
                  const std::string& command) {
  return FinishSweep(*StartSweep(scratch, command, SweepFlags(sim.url(), more)), scratch);
}

int MostAtOnce(const std::vector<Json>& logged) {
  std::vector<std::pair<int64_t, int>> changes;  // at an end before a beginning: it makes room
  for (const Json& request : logged) {
    changes.emplace_back(request["arrival_ns"].get<int64_t>(), 1);
    changes.emplace_back(request["end_ns"].get<int64_t>(), -1);
  }
  std::sort(changes.begin(), changes.end());
  int now = 0;
  int most = 0;
  for (const auto& [at, change] : changes) most = std::max(most, now += change);
  return most;
}

std::string DatasetOf(const Scratch& scratch, const std::vector<std::string>& prompts) {
  std::string lines;
  for (const std::string& prompt : prompts) lines += prompt + "\n";
  scratch.Write("prompts.txt", lines);
  return scratch.Write("dataset.json",
                       R"({"source":{"type":"file","path":"prompts.txt"},"prompt_column":"text"})");
}

}  // namespace llmdyno
