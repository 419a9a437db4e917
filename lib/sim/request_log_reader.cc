#include "llmdyno/sim/request_log_reader.h"

#include <fstream>
#include <utility>

#include "simdjson.h"

namespace llmdyno {
namespace {

TimePoint At(int64_t nanoseconds) { return TimePoint(Duration(nanoseconds)); }

// False when the line is no object of the log.
bool ReadLine(simdjson::dom::parser& parser, const std::string& line, RequestTruths& truths) {
  simdjson::dom::element json;
  std::string_view id;
  std::string_view end;
  int64_t read_ns = 0;
  int64_t end_ns = 0;
  simdjson::dom::array tokens;
  if (parser.parse(line.data(), line.size()).get(json) != simdjson::SUCCESS ||
      json["x_request_id"].get(id) != simdjson::SUCCESS || json["end"].get(end) != simdjson::SUCCESS ||
      json["arrival_ns"].get(read_ns) != simdjson::SUCCESS ||
      json["end_ns"].get(end_ns) != simdjson::SUCCESS ||
      json["token_sent_ns"].get(tokens) != simdjson::SUCCESS) {
    return false;
  }
  RequestTruth truth;
  truth.read_at = At(read_ns);
  if (end == "complete") truth.ended_at = At(end_ns);
  truth.tokens_sent_at.reserve(tokens.size());
  for (const simdjson::dom::element token : tokens) {
    int64_t sent_ns = 0;
    if (token.get(sent_ns) != simdjson::SUCCESS) return false;
    truth.tokens_sent_at.push_back(At(sent_ns));
  }
  truths[std::string(id)] = std::move(truth);
  return true;
}

}  // namespace

absl::StatusOr<RequestTruths> ReadRequestTruths(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("the simulated endpoint's log '" + path + "' cannot be read");
  RequestTruths truths;
  simdjson::dom::parser parser;
  int64_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    const bool is_cut = file.eof();  // no line end behind it
    if (ReadLine(parser, line, truths) || is_cut) continue;
    return absl::DataLossError("the simulated endpoint's log '" + path + "' is broken in line " +
                               std::to_string(number));
  }
  return truths;
}

}  // namespace llmdyno
