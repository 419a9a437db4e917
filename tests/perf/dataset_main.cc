// How long conversation datasets take to load, how much memory they need, and what a request from them costs.
// Prints a Markdown table and says whether the limits are kept; needs room for one file in the folder, which
// is removed again.
//
//   llmdyno-perf-dataset FOLDER [GIGABYTES]
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "llmdyno/base/clock.h"
#include "llmdyno/workload/conversation_source.h"
#include "llmdyno/workload/synthetic_text.h"

namespace llmdyno {
namespace {

// Conversations of one to five messages with 20 to 400 words each.
bool Make(bool is_array, double gigabytes, const std::string& path) {
  Rng rng(1);
  SyntheticText writer(Rng(2));
  std::ofstream file(path, std::ios::binary);
  std::string row;
  std::string text;
  double written = 0;
  for (int64_t rows = 0; written < gigabytes * 1e9; ++rows) {
    row = is_array ? (rows == 0 ? "[\n" : ",\n") : (rows == 0 ? "" : "\n");
    row += R"({"id": )" + std::to_string(rows) + R"(, "prompt_content": "You are a helpful assistant.", )";
    row += R"("cut_chat_history": [)";
    const int64_t messages = 2 * rng.UniformInt(0, 2) + 1;
    for (int64_t i = 0; i < messages; ++i) {
      writer.Write(rng.UniformInt(20, 400), text);
      row += std::string(i == 0 ? "" : ", ") + R"({"role": ")" + (i % 2 == 0 ? "user" : "assistant");
      row += R"(", "content": "He said \"so\"\n)" + text + "\"}";
    }
    row += "]}";
    written += static_cast<double>(row.size());
    file << row;
  }
  file << (is_array ? "\n]\n" : "\n");
  return static_cast<bool>(file.flush());
}

double PeakMegabytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// Forgets what the kernel keeps of the file, so that it is read from the disk.
void DropFromCache(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  ::close(fd);
}

struct Limits {
  double load_seconds = 0;
  double peak_megabytes = 0;
  double request_microseconds = 0;
};

// A row of the table; false when a limit is not kept.
bool Measure(const std::string& path, const std::string& work, PromptOrder order, const Limits& limits) {
  constexpr int64_t kRequests = 200'000;
  const Clock& clock = SystemClock();
  const TimePoint started = clock.Now();
  auto dataset = LoadConversationDataset({.path = path});
  const double load_seconds = ToSeconds(clock.Now() - started);
  if (!dataset.ok()) {
    std::fprintf(stderr, "%s\n", std::string(dataset.status().message()).c_str());
    return false;
  }
  const int64_t rows = (*dataset)->size();
  const bool in_memory = (*dataset)->is_in_memory();
  auto source = MakeConversationSource(*std::move(dataset), {.order = order}, Rng(1), Diagnostics());
  const TimePoint first = clock.Now();
  for (int64_t i = 0; i < kRequests; ++i) {
    if (!std::holds_alternative<Request>((*source)->Next(TimePoint()))) return false;
  }
  const double microseconds = ToMicroseconds(clock.Now() - first) / static_cast<double>(kRequests);
  const double megabytes = PeakMegabytes();
  std::printf("| %s | %lld | %s | %.2f s | %.0f MiB | %.1f us |\n", work.c_str(),
              static_cast<long long>(rows), in_memory ? "kept parsed" : "indexed", load_seconds, megabytes,
              microseconds);
  std::fflush(stdout);
  return load_seconds <= limits.load_seconds && megabytes <= limits.peak_megabytes &&
         microseconds <= limits.request_microseconds;
}

// In a process of its own, whose peak memory is that of this dataset.
bool MeasureApart(const std::string& path, const std::string& work, PromptOrder order, const Limits& limits) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(Measure(path, work, order, limits) ? 0 : 1);
  int status = 1;
  return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

int Main(const std::string& folder, double gigabytes) {
  const std::string path = folder + "/llmdyno-perf-dataset.tmp";
  bool kept = true;
  std::puts("| file | rows | how | load | peak memory | a request |\n| --- | --- | --- | --- | --- | --- |");
  std::fflush(stdout);
  const auto run = [&](bool is_array, double size, const std::string& work, const Limits& limits) {
    if (!Make(is_array, size, path)) {
      std::fprintf(stderr, "cannot write '%s'\n", path.c_str());
      kept = false;
      return;
    }
    DropFromCache(path);
    kept &= MeasureApart(path, work + ", from the disk", PromptOrder::kAsGiven, limits);
    kept &= MeasureApart(path, work + ", cached", PromptOrder::kAsGiven, limits);
    kept &= MeasureApart(path, work + ", cached, shuffled", PromptOrder::kShuffled, limits);
  };
  run(false, 0.05, "50 MB of lines", {5, 160, 5});
  run(false, gigabytes, "large file of lines", {20 * gigabytes, 160, 100});
  run(true, gigabytes, "large array", {20 * gigabytes, 160, 100});
  std::remove(path.c_str());
  std::printf("\nlimits: 20 s a GB, 160 MiB, 5 us when kept parsed: %s\n", kept ? "kept" : "NOT KEPT");
  return kept ? 0 : 1;
}

}  // namespace
}  // namespace llmdyno

int main(int argc, char* argv[]) {
  if (argc < 2) {
    std::fprintf(stderr, "expected a folder, and how many gigabytes the large files have (1)\n");
    return 2;
  }
  return llmdyno::Main(argv[1], argc > 2 ? std::atof(argv[2]) : 1);
}
