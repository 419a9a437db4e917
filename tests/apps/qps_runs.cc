#include "apps/qps_runs.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>
#include <stdexcept>

namespace llmdyno {
namespace fs = std::filesystem;

std::string Conversations(int n) {
  Json rows = Json::array();
  for (int i = 0; i < n; ++i) {
    const Json turn = {{"role", "user"}, {"content", "question " + std::to_string(i)}};
    rows.push_back({{"prompt_content", ""}, {"cut_chat_history", {turn}}});
  }
  return rows.dump();
}

std::string ShareGpt(int n, int answer_words) {
  Json rows = Json::array();
  std::string answer = "yes";
  for (int i = 1; i < answer_words; ++i) answer += " and";
  for (int i = 0; i < n; ++i) {
    const Json question = {{"from", "human"},
                           {"value", "please tell me what you know about river " + std::to_string(i)}};
    rows.push_back({{"conversations", {question, {{"from", "gpt"}, {"value", answer}}}}});
  }
  return rows.dump();
}

Json BodyOf(const Json& logged) {
  return logged["body"].is_string() ? Json::parse(logged["body"].get<std::string>()) : logged["body"];
}

std::string QuestionOf(const Json& logged) {
  const Json body = BodyOf(logged);
  return body.contains("prompt") ? body["prompt"].get<std::string>()
                                 : body["messages"].back()["content"].get<std::string>();
}

std::vector<Json> QpsFiles::Records(int level) const {
  std::vector<Json> records;
  for (const Json& line : log) {
    if (line["type"] != "record" || line["phase"] != "measured") continue;
    if (line.value("level", 0) == level) records.push_back(line);
  }
  std::sort(records.begin(), records.end(),
            [](const Json& a, const Json& b) { return a["scheduled_ns"] < b["scheduled_ns"]; });
  return records;
}

std::vector<std::string> QpsFolders(const Scratch& scratch) {
  std::vector<std::string> folders;
  std::error_code none_yet;
  for (const auto& entry : fs::directory_iterator(scratch.path() + "/results", none_yet)) {
    folders.push_back(entry.path().string());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

QpsFiles ReadQps(const Scratch& scratch) {
  const std::vector<std::string> folders = QpsFolders(scratch);
  if (folders.size() != 1) {
    throw std::runtime_error("expected one folder of results, found " + std::to_string(folders.size()));
  }
  QpsFiles files;
  files.folder = folders[0];
  files.metadata = Json::parse(ReadFile(files.folder + "/metadata.json"));
  files.levels = Json::parse(ReadFile(files.folder + "/benchmark_qps_results.json"));
  files.log = JsonLines(ReadFile(files.folder + "/records.jsonl"));
  return files;
}

Arguments QpsFlags(const Scratch& scratch, const std::string& url, const Arguments& more) {
  const std::string dataset = scratch.Write("five.json", Conversations(5));
  Arguments flags = {"--endpoint", url + "/v1/chat/completions", "--model", "m"};
  const bool has_dataset = std::find(more.begin(), more.end(), "--dataset") != more.end();
  if (!has_dataset) flags.insert(flags.end(), {"--dataset", dataset});
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

std::unique_ptr<ChildProcess> StartQps(const Scratch& scratch, const Arguments& arguments) {
  Arguments all = {LLMDYNO_BINARY_DIR "/llmdyno", "qps"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return std::make_unique<ChildProcess>(all, ChildProcessOptions{.directory = scratch.path()});
}

QpsRun FinishQps(ChildProcess& process, const Scratch& scratch) {
  QpsRun run;
  run.exit = process.Wait();
  run.out = process.Out();
  run.err = process.Err();
  if (QpsFolders(scratch).empty()) throw std::runtime_error("no results; it has said: " + run.err);
  run.files = ReadQps(scratch);
  return run;
}

QpsRun RunQps(const Scratch& scratch, const SimProcess& sim, const Arguments& more) {
  return FinishQps(*StartQps(scratch, QpsFlags(scratch, sim.url(), more)), scratch);
}

Arguments ServeFlags(const SimProcess& sim, const Arguments& more) {
  Arguments flags = {"--base-url", sim.url(), "--model", "m"};
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

Finished RunServe(const Scratch& scratch, const Arguments& arguments) {
  Arguments all = {"serve"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return RunApp("llmdyno", all, {.directory = scratch.path()});
}

double Percentile(std::vector<double> values, double percentile) {
  if (values.empty()) return NAN;
  std::sort(values.begin(), values.end());
  const double rank = static_cast<double>(values.size() - 1) * percentile / 100;
  const auto below = static_cast<size_t>(rank);
  const size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (rank - static_cast<double>(below)) * (values[above] - values[below]);
}

double Mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double VariationOf(const std::vector<double>& gaps) {
  const double mean = Mean(gaps);
  double squares = 0;
  for (const double gap : gaps) squares += (gap - mean) * (gap - mean);
  return std::sqrt(squares / static_cast<double>(gaps.size() - 1)) / mean;
}

std::vector<double> GapsOf(const std::vector<Json>& lines, const std::string& key) {
  std::vector<double> gaps;
  for (size_t i = 1; i < lines.size(); ++i) {
    gaps.push_back(static_cast<double>(lines[i][key].get<int64_t>() - lines[i - 1][key].get<int64_t>()) *
                   1e-9);
  }
  return gaps;
}

std::vector<double> SecondsBetween(const std::vector<Json>& lines, const std::string& from,
                                   const std::string& to) {
  std::vector<double> seconds;
  for (const Json& line : lines) {
    seconds.push_back(static_cast<double>(line[to].get<int64_t>() - line[from].get<int64_t>()) * 1e-9);
  }
  return seconds;
}

std::string Unwrapped(const std::string& text) {
  std::istringstream words(text);
  std::string line;
  for (std::string word; words >> word;) line += (line.empty() ? "" : " ") + word;
  return line;
}

std::vector<std::string> KeysOf(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

}  // namespace llmdyno
