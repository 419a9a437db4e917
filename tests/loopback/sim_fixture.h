// A simulated endpoint for one test, and the bodies its clients send.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "llmdyno/sim/sim_server.h"
#include "support/catch.h"
#include "support/raw_http.h"

namespace llmdyno {

using Json = nlohmann::json;

// Starts "fast", "scripted:ttft=1ms,itl=1ms", ... on a free port.
inline std::unique_ptr<SimServer> StartSim(const std::string& profile, const std::string& log_path = "") {
  auto config = MakeSimConfig(*Params::Parse(profile));
  REQUIRE(config.ok());
  config->log_path = log_path;
  auto server = SimServer::Start(*config);
  REQUIRE(server.ok());
  return *std::move(server);
}

// A chat of five prompt tokens with an output of exactly `tokens`.
inline std::string ChatBody(int64_t tokens, bool is_streaming = true, const Json& more = Json::object()) {
  Json body = {{"model", "m"},
               {"messages", {{{"role", "user"}, {"content", "one two three four five"}}}},
               {"max_tokens", tokens},
               {"ignore_eos", true},
               {"stream", is_streaming}};
  body.update(more);
  return body.dump();
}
inline const Json kWithUsage = {{"stream_options", {{"include_usage", true}}}};

// The events of a stream but for [DONE].
inline std::vector<Json> Events(const RawResponse& response) {
  std::vector<Json> events;
  for (const std::string& line : DataLines(response.body)) {
    if (line != "[DONE]") events.push_back(Json::parse(line));
  }
  return events;
}

// The text of the first choice, of content or of another field of the delta.
inline std::string StreamedText(const std::vector<Json>& events, const std::string& field = "content") {
  std::string text;
  for (const Json& event : events) {
    if (event.contains("choices") && !event["choices"].empty())
      text += event["choices"][0]["delta"].value(field, "");
  }
  return text;
}

inline size_t WordCount(const std::string& text) {
  std::istringstream words(text);
  return static_cast<size_t>(std::distance(std::istream_iterator<std::string>(words), {}));
}

// Waits for something that must come about, without saying when.
template <typename Condition>
inline bool Eventually(Condition condition) {
  for (int i = 0; i < 3000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

// A file that is gone when the test is over.
class TemporaryFile {
 public:
  TemporaryFile() {
    const int fd = ::mkstemp(path_.data());
    if (fd >= 0) ::close(fd);
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }
  std::vector<Json> Lines() const {
    std::ifstream file(path_);
    std::vector<Json> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(Json::parse(line));
    return lines;
  }

 private:
  std::string path_ = "/tmp/llmdyno-sim-test-XXXXXX";
};

}  // namespace llmdyno
