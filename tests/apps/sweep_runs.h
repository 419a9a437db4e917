// What the tests of llmdyno-sweep share: running it in a folder of its own and reading what it left behind.
#pragma once

#include <string>
#include <vector>

#include "apps/app_runs.h"
#include "apps/qps_runs.h"

namespace llmdyno {

struct SweepRun : Finished {
  Json json;              // the results file; null when there is none
  std::vector<Json> log;  // every line of the record log beside it
  std::string Said() const { return out + err; }
  // Measured requests of level `level` (from 0) and run `run`, or of all runs.
  std::vector<Json> Records(int level, int run = -1) const;
  const Json& Level(const std::string& key) const { return json.at("results").at(key); }
};

// --api-base, --model and `more`.
Arguments SweepFlags(const std::string& url, const Arguments& more);
std::unique_ptr<ChildProcess> StartSweep(const Scratch& scratch, const std::string& command,
                                         const Arguments& arguments);
// `llmdyno COMMAND --results-file out.json ...` in `scratch`, without warm-ups unless `more` says so.
SweepRun RunSweep(const Scratch& scratch, const SimProcess& sim, const Arguments& more,
                  const std::string& command = "sweep");
SweepRun FinishSweep(ChildProcess& process, const Scratch& scratch);

// Of the logged requests, how many were under way at once at most.
int MostAtOnce(const std::vector<Json>& logged);

// A JSON configuration of a dataset with these prompts, one per line of a text file.
std::string DatasetOf(const Scratch& scratch, const std::vector<std::string>& prompts);

}  // namespace llmdyno
