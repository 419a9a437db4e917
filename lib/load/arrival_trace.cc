#include "llmdyno/load/arrival_trace.h"

#include <simdjson.h>

#include <cmath>
#include <fstream>

namespace llmdyno {
namespace {

// 126 years: later than any clock shows in milliseconds since 1970, and two of them can be subtracted.
constexpr double kMostMilliseconds = 4e12;

constexpr const char* kExpected =
    "expected one JSON object per line with a number 'timestamp' in milliseconds";

// Nothing, or what is wrong with the line. The bytes behind its end must be readable as far as simdjson wants
// them to be. The whole line is parsed, so that one that was cut is not taken for another number.
std::string ReadTimestamp(simdjson::dom::parser& parser, const std::string& line, double& milliseconds) {
  simdjson::dom::element element;
  simdjson::dom::object object;
  const simdjson::error_code error = parser.parse(line.data(), line.size(), false).get(element);
  if (error != simdjson::SUCCESS) {
    return "not valid JSON (" + std::string(simdjson::error_message(error)) + "); " + kExpected;
  }
  if (element.get(object) != simdjson::SUCCESS) return "no JSON object; " + std::string(kExpected);
  simdjson::dom::element value;
  if (object["timestamp"].get(value) != simdjson::SUCCESS) {
    return "no field 'timestamp'; " + std::string(kExpected);
  }
  if (value.get(milliseconds) != simdjson::SUCCESS || std::abs(milliseconds) > kMostMilliseconds) {
    return "expected a number of milliseconds as 'timestamp'";
  }
  return "";
}

bool IsBlank(const std::string& line) { return line.find_first_not_of(" \t\r") == std::string::npos; }

}  // namespace

absl::StatusOr<std::vector<Duration>> ReadArrivalTrace(const std::string& path) {
  if (path.empty()) return absl::InvalidArgumentError("no trace file is named: expected path=FILE");
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("cannot open the trace '" + path + "'");
  simdjson::dom::parser parser;
  std::vector<Duration> timestamps;
  std::string line;
  for (int64_t number = 1; std::getline(file, line); ++number) {
    if (IsBlank(line)) continue;
    line.reserve(line.size() + simdjson::SIMDJSON_PADDING);
    double milliseconds = 0;
    if (const std::string problem = ReadTimestamp(parser, line, milliseconds); !problem.empty()) {
      return absl::InvalidArgumentError("trace '" + path + "', line " + std::to_string(number) + ": " +
                                        problem);
    }
    timestamps.push_back(FromSeconds(milliseconds / 1e3));
  }
  if (file.bad()) return absl::UnavailableError("cannot read the trace '" + path + "'; is it a file?");
  if (timestamps.empty()) return absl::InvalidArgumentError("the trace '" + path + "' has no requests");
  return timestamps;
}

}  // namespace llmdyno
