#include "llmdyno/report/race_csv_reader.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "report/csv_text.h"

namespace llmdyno {
namespace {

enum Column { kTimestamp, kUserId, kInputTokens, kOutputTokens, kEndToEnd, kStatusCode, kColumns };
constexpr std::array<std::string_view, kColumns> kNames = {"timestamp",     "user_id",      "input_tokens",
                                                           "output_tokens", "end_to_end_s", "status_code"};
using Positions = std::array<size_t, kColumns>;

absl::Status Malformed(const std::string& path, int64_t line, const std::string& problem) {
  return absl::InvalidArgumentError("race CSV '" + path + "', line " + std::to_string(line) + ": " + problem);
}

absl::StatusOr<Positions> FindColumns(const std::string& path, const std::vector<std::string>& header) {
  Positions positions{};
  for (size_t column = 0; column < kColumns; ++column) {
    auto found = std::find(header.begin(), header.end(), kNames[column]);
    if (found == header.end()) {
      return Malformed(path, 1,
                       "there is no column '" + std::string(kNames[column]) + "'; this is not a race's CSV");
    }
    positions[column] = static_cast<size_t>(found - header.begin());
  }
  return positions;
}

// Sums rows up, and remembers when the first request began and the last one ended.
class Totals {
 public:
  Totals(const std::string& path, const Positions& positions) : path_(path), positions_(positions) {}

  absl::Status Add(const std::vector<std::string>& fields, int64_t line) {
    std::array<double, kColumns> row{};
    for (size_t column = 0; column < kColumns; ++column) {
      const size_t at = positions_[column];
      const auto value = at < fields.size() ? ParseReal(fields[at]) : std::nullopt;
      // Beyond 1e15 a double no longer counts one by one; no honest cell comes near it.
      if (!value || *value < 0 || *value > 1e15) {
        return Malformed(path_, line,
                         std::string(kNames[column]) + " is " +
                             (at < fields.size() ? "'" + fields[at] + "'" : "missing") +
                             ", expected a number of zero or more");
      }
      row[column] = *value;
    }
    ++sums_.requests;
    ++(row[kStatusCode] == 200 ? sums_.successful : sums_.failed);
    users_.insert(static_cast<int64_t>(row[kUserId]));
    sums_.output_tokens += static_cast<int64_t>(row[kOutputTokens]);
    sums_.input_tokens += static_cast<int64_t>(row[kInputTokens]);
    first_start_ = std::min(first_start_, row[kTimestamp] - row[kEndToEnd]);
    last_end_ = std::max(last_end_, row[kTimestamp]);
    return absl::OkStatus();
  }

  RaceCsvTotals Sums() const {
    RaceCsvTotals sums = sums_;
    sums.users = static_cast<int64_t>(users_.size());
    if (sums.requests > 0) sums.span = FromSeconds(last_end_ - first_start_);
    return sums;
  }

 private:
  const std::string& path_;
  const Positions positions_;
  RaceCsvTotals sums_;
  std::set<int64_t> users_;
  double first_start_ = std::numeric_limits<double>::infinity();
  double last_end_ = 0;
};

void DropByteOrderMark(std::string& text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
}

}  // namespace

absl::StatusOr<RaceCsvTotals> ReadRaceCsv(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("cannot open the race CSV '" + path + "'");
  CsvReader reader(file);
  std::vector<std::string> fields;
  if (!reader.Next(fields)) return Malformed(path, 1, "the file is empty");
  DropByteOrderMark(fields.front());
  LLMDYNO_ASSIGN_OR_RETURN(const Positions positions, FindColumns(path, fields));
  Totals totals(path, positions);
  while (reader.Next(fields)) LLMDYNO_RETURN_IF_ERROR(totals.Add(fields, reader.line()));
  if (reader.is_broken()) return Malformed(path, reader.line(), "a quoted text has no closing quote");
  return totals.Sums();
}

}  // namespace llmdyno
