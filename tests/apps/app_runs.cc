#include "apps/app_runs.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "support/raw_http.h"

namespace llmdyno {
namespace fs = std::filesystem;

Scratch::Scratch() {
  if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make " + path_);
}
Scratch::~Scratch() {
  KeepWrittenFiles(path_, [this](const fs::path& file) { return of_test_.Has(file); });
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}
std::string Scratch::Write(const std::string& name, const std::string& text) const {
  const std::string path = path_ + "/" + name;
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path) << text;
  of_test_.Add(path, text);
  return path;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::vector<std::string> LinesWith(const std::string& text, const std::string& part) {
  std::vector<std::string> lines = Lines(text);
  std::erase_if(lines, [&](const std::string& line) { return !Contains(line, part); });
  return lines;
}

std::vector<Json> JsonLines(const std::string& text) {
  std::vector<Json> objects;
  for (const std::string& line : Lines(text)) objects.push_back(Json::parse(line));
  return objects;
}

double PrintedNumber(const std::string& out, const std::string& label) {
  const std::vector<std::string> lines = LinesWith(out, label + ":");
  if (lines.size() != 1) return NAN;
  std::string value = lines[0].substr(lines[0].find(label) + label.size() + 1);
  std::erase(value, ',');
  return std::strtod(value.c_str(), nullptr);
}

std::map<std::string, std::string> AllFiles(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files[entry.path().string()] = ReadFile(entry.path().string());
  }
  return files;
}

bool Eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 6000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

std::vector<std::string> Csv::Column(const std::string& name) const {
  const auto at = std::find(header.begin(), header.end(), name);
  if (at == header.end()) throw std::runtime_error("no column " + name);
  std::vector<std::string> values;
  for (const auto& row : rows) values.push_back(row.at(static_cast<size_t>(at - header.begin())));
  return values;
}

double Csv::Sum(const std::string& name) const {
  double sum = 0;
  for (const std::string& value : Column(name)) sum += std::stod(value);
  return sum;
}

Csv ReadCsv(const std::string& path) {
  const std::string text = ReadFile(path);
  std::vector<std::vector<std::string>> rows(1, {""});
  bool is_quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    std::string& field = rows.back().back();
    const char c = text[i];
    if (is_quoted) {
      if (c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
        field += text[++i];
      } else if (c == '"') {
        is_quoted = false;
      } else {
        field += c;
      }
    } else if (c == '"') {
      is_quoted = true;
    } else if (c == ',') {
      rows.back().emplace_back();
    } else if (c == '\n') {
      if (i + 1 < text.size()) rows.push_back({""});
    } else {
      field += c;
    }
  }
  Csv csv;
  csv.header = rows.front();
  csv.rows.assign(rows.begin() + 1, rows.end());
  for (const auto& row : csv.rows) {
    if (row.size() != csv.header.size()) throw std::runtime_error("a row of another length in " + path);
  }
  return csv;
}

Finished RunApp(const std::string& program, const Arguments& arguments, const ChildProcessOptions& options) {
  Arguments all = {std::string(LLMDYNO_BINARY_DIR "/") + program};
  all.insert(all.end(), arguments.begin(), arguments.end());
  ChildProcess process(all, options);
  Finished finished;
  finished.exit = process.Wait();
  finished.out = process.Out();
  finished.err = process.Err();
  return finished;
}

std::vector<Json> RaceFiles::Records() const {
  std::vector<Json> records;
  for (const Json& line : log) {
    if (line["type"] == "record" && line["phase"] == "measured") records.push_back(line);
  }
  return records;
}

int64_t RaceFiles::FinishLineNs() const {
  for (const Json& line : log) {
    if (line["type"] == "finish_line") return line["at_ns"].get<int64_t>();
  }
  return -1;
}

std::string RaceFolder(const Scratch& scratch) {
  std::error_code none_yet;
  for (const auto& entry : fs::directory_iterator(scratch.path() + "/results", none_yet)) {
    return entry.path().string();
  }
  return "";
}

RaceFiles ReadRace(const Scratch& scratch) {
  RaceFiles files;
  files.folder = RaceFolder(scratch);
  if (files.folder.empty()) throw std::runtime_error("the race has left no folder");
  for (const auto& entry : fs::directory_iterator(files.folder)) {
    if (entry.path().extension() == ".csv") files.csv_path = entry.path().string();
  }
  files.csv = ReadCsv(files.csv_path);
  files.summary = Json::parse(ReadFile(files.folder + "/summary.json"));
  files.log = JsonLines(ReadFile(files.folder + "/records.jsonl"));
  return files;
}

std::unique_ptr<ChildProcess> StartRace(const Scratch& scratch, Arguments arguments) {
  arguments.insert(arguments.begin(), {LLMDYNO_BINARY_DIR "/llmdyno", "race"});
  return std::make_unique<ChildProcess>(arguments, ChildProcessOptions{.directory = scratch.path()});
}

Finished RunRaceOnly(const Scratch& scratch, const Arguments& arguments) {
  const auto process = StartRace(scratch, arguments);
  Finished finished;
  finished.exit = process->Wait();
  finished.out = process->Out();
  finished.err = process->Err();
  return finished;
}

RaceRun RunRace(const Scratch& scratch, const Arguments& arguments) {
  RaceRun run;
  static_cast<Finished&>(run) = RunRaceOnly(scratch, arguments);
  if (RaceFolder(scratch).empty()) throw std::runtime_error("no results; the race has said: " + run.err);
  run.files = ReadRace(scratch);
  return run;
}

SimProcess::SimProcess(const Arguments& flags) : log_(scratch_.path() + "/log.jsonl") {
  Arguments all = {LLMDYNO_BINARY_DIR "/llmdyno-sim", "--port", "0", "--log", log_};
  all.insert(all.end(), flags.begin(), flags.end());
  process_ = std::make_unique<ChildProcess>(all);
  const std::string mark = "http://127.0.0.1:";
  Eventually([&] { return Contains(process_->Out(), "/v1, profile") || process_->HasEnded(); });
  const std::string said = process_->Out();
  if (!Contains(said, mark)) throw std::runtime_error("llmdyno-sim did not start: " + process_->Err());
  port_ = static_cast<uint16_t>(std::stoi(said.substr(said.find(mark) + mark.size())));
}

Arguments SimProcess::RaceFlags(const Arguments& more) const {
  Arguments flags = {"--host", url(), "--model", "m", "--engine", "sim"};
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

Json SimProcess::Stats() const { return Json::parse(RawHttp(port_).Get("/stats").body); }

std::vector<Json> SimProcess::StopAndReadLog() {
  process_->Signal(SIGTERM);
  process_->Wait();
  std::vector<Json> requests;
  for (const Json& line : JsonLines(ReadFile(log_))) {
    // Counting tokens and looking at pages is no load.
    if (line["method"] == "POST" && !Contains(line["route"].get<std::string>(), "tokenize")) {
      requests.push_back(line);
    }
  }
  std::sort(requests.begin(), requests.end(),
            [](const Json& a, const Json& b) { return a["arrival_ns"] < b["arrival_ns"]; });
  return requests;
}

OddServer::OddServer(std::function<std::string(const std::string&)> respond)
    : respond_(std::move(respond)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0) {
    throw std::runtime_error("cannot listen");
  }
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

OddServer::~OddServer() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

void OddServer::Serve() {
  for (int fd = 0; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0; ::close(fd)) {
    const timeval patience{.tv_sec = 5, .tv_usec = 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    std::string request;
    const auto is_whole = [&] {
      const size_t end = request.find("\r\n\r\n");
      if (end == std::string::npos) return false;
      const size_t length = request.find("Content-Length: ");
      return length > end || request.size() >= end + 4 + std::stoul(request.substr(length + 16));
    };
    char buffer[16384];
    for (ssize_t size = 0; !is_whole() && (size = ::recv(fd, buffer, sizeof buffer, 0)) > 0;) {
      request.append(buffer, static_cast<size_t>(size));
    }
    const std::string reply = respond_(request);
    if (::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL) < 0) continue;
  }
}

std::string HttpReply(int status, const std::string& type, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) + " Said\r\nContent-Type: " + type +
         "\r\nConnection: close\r\n" + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace llmdyno
