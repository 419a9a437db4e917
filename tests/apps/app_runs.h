// What the tests of the programs share: running a race in a folder of its own, reading what it left behind
// with readers that are not the product's, and endpoints to race against.
#pragma once

#include <csignal>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "support/child_process.h"
#include "support/written_files.h"

namespace llmdyno {

using Json = nlohmann::json;
using Arguments = std::vector<std::string>;

// A folder that is gone when the test is over. What programs wrote into it is kept for the check of all
// result files.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  const std::string& path() const { return path_; }
  std::string Write(const std::string& name, const std::string& text) const;  // returns the path

 private:
  std::string path_ = "/tmp/llmdyno-apps-test-XXXXXX";
  FilesOfTest of_test_;
};

std::string ReadFile(const std::string& path);
std::vector<std::string> Lines(const std::string& text);
std::vector<std::string> LinesWith(const std::string& text, const std::string& part);
bool Contains(const std::string& text, const std::string& part);
std::vector<Json> JsonLines(const std::string& text);
// "1,234.5 tokens/sec" behind "  Avg Throughput:" is 1234.5; NaN when the label is missing.
double PrintedNumber(const std::string& out, const std::string& label);
// The text of every regular file below a folder, by path.
std::map<std::string, std::string> AllFiles(const std::string& folder);

// Waits for something that must come about, without saying when.
bool Eventually(const std::function<bool()>& condition);

// RFC 4180, in a page: the product's own reader would forgive the product's own mistakes.
struct Csv {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> Column(const std::string& name) const;
  double Sum(const std::string& name) const;
};
Csv ReadCsv(const std::string& path);

struct Finished {
  int exit = -1;
  std::string out;
  std::string err;
};

// Runs a program of the build to its end.
Finished RunApp(const std::string& program, const Arguments& arguments,
                const ChildProcessOptions& options = {});

// The files of one race.
struct RaceFiles {
  std::string folder;
  std::string csv_path;
  Csv csv;
  Json summary;
  std::vector<Json> log;              // every line of records.jsonl
  std::vector<Json> Records() const;  // measured requests
  int64_t FinishLineNs() const;       // as in the log; -1 without one
  double Metric(const std::string& name) const { return summary["metrics"][name].get<double>(); }
};
// Of the only race below `scratch`/results.
RaceFiles ReadRace(const Scratch& scratch);
std::string RaceFolder(const Scratch& scratch);  // empty while there is none

struct RaceRun : Finished {
  RaceFiles files;
};

// `llmdyno race ...` in `scratch`.
std::unique_ptr<ChildProcess> StartRace(const Scratch& scratch, Arguments arguments);
Finished RunRaceOnly(const Scratch& scratch, const Arguments& arguments);
RaceRun RunRace(const Scratch& scratch, const Arguments& arguments);  // and reads its files

// llmdyno-sim on a free port, with a log.
class SimProcess {
 public:
  explicit SimProcess(const Arguments& flags);
  uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // The three required flags, pointing here, and `more`.
  Arguments RaceFlags(const Arguments& more = {}) const;
  Json Stats() const;
  void Kill() {
    process_->Signal(9);
    process_->Wait();
  }
  // Stops it for a while, as a garbage collector would: connections are accepted by the kernel, nothing else.
  void Freeze() const { process_->Signal(SIGSTOP); }
  void Thaw() const { process_->Signal(SIGCONT); }
  // Ends it. Of the log, the requests for tokens, vectors or scores in order of arrival.
  std::vector<Json> StopAndReadLog();

 private:
  Scratch scratch_;
  std::string log_;
  std::unique_ptr<ChildProcess> process_;
  uint16_t port_ = 0;
};

// A server that nobody would call an API: answers every request with what `respond` makes of it, and closes.
class OddServer {
 public:
  explicit OddServer(std::function<std::string(const std::string& request)> respond);
  ~OddServer();
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  void Serve();
  std::function<std::string(const std::string&)> respond_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::thread thread_;
};
std::string HttpReply(int status, const std::string& type, const std::string& body);

}  // namespace llmdyno
