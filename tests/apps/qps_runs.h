// What the tests of llmdyno-qps share: datasets, running it in a folder of its own, what it left behind, and
// percentiles computed without the product's help.
#pragma once

#include <string>
#include <vector>

#include "apps/app_runs.h"

namespace llmdyno {

// A file of n conversations whose only turns are "question 0", "question 1" and so on.
std::string Conversations(int n);
// The last message of a request that the simulator has logged, or its prompt.
std::string QuestionOf(const Json& logged);
Json BodyOf(const Json& logged);

// The files of one QPS benchmark.
struct QpsFiles {
  std::string folder;
  Json metadata;
  Json levels;                                 // benchmark_qps_results.json
  std::vector<Json> log;                       // every line of records.jsonl
  std::vector<Json> Records(int level) const;  // measured requests of the level, in the order scheduled
};
// The folders below `scratch`/results, in order of their names.
std::vector<std::string> QpsFolders(const Scratch& scratch);
// Of the only run below `scratch`/results.
QpsFiles ReadQps(const Scratch& scratch);

struct QpsRun : Finished {
  QpsFiles files;
  std::string Said() const { return out + err; }
};

// --endpoint, --model and --dataset (one of five conversations, written to `scratch`), and `more`.
Arguments QpsFlags(const Scratch& scratch, const std::string& url, const Arguments& more);
// `llmdyno qps ...` in `scratch`.
std::unique_ptr<ChildProcess> StartQps(const Scratch& scratch, const Arguments& arguments);
QpsRun FinishQps(ChildProcess& process, const Scratch& scratch);  // waits, and reads its files
QpsRun RunQps(const Scratch& scratch, const SimProcess& sim, const Arguments& more);

// `llmdyno serve ...` in `scratch`.
Finished RunServe(const Scratch& scratch, const Arguments& arguments);
// --base-url, --model and `more`.
Arguments ServeFlags(const SimProcess& sim, const Arguments& more);
// A file of n ShareGPT conversations: questions of 9 words, answers of `answer_words`.
std::string ShareGpt(int n, int answer_words = 12);

// Of the sorted values the one at rank (n - 1) * p / 100, interpolated: numpy's default.
double Percentile(std::vector<double> values, double percentile);
double Mean(const std::vector<double>& values);
// Standard deviation / mean: 0 for a metronome, 1 for a Poisson process.
double VariationOf(const std::vector<double>& gaps);
// Differences of neighbours, in seconds.
std::vector<double> GapsOf(const std::vector<Json>& lines, const std::string& key);
// lines[i][to] - lines[i][from] in seconds; both in nanoseconds.
std::vector<double> SecondsBetween(const std::vector<Json>& lines, const std::string& from,
                                   const std::string& to);
std::vector<std::string> KeysOf(const Json& object);
// A console's text on one line, for sentences that are wrapped there.
std::string Unwrapped(const std::string& text);

}  // namespace llmdyno
