// The requests of a record log as two results are compared by them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/base/time.h"
#include "llmdyno/metrics/first_token.h"
#include "llmdyno/report/compared_result.h"

namespace llmdyno {

struct ComparedRecords {
  struct Level {
    std::optional<WallTime> started_at;  // the first send
    std::vector<RunSamples> runs;
  };
  std::map<int64_t, Level> levels;  // by number
  std::string configuration_json;
  bool has_finish_line = false;
};

// `is_race`: what counts is judged as at the finish line; otherwise each request counts by its outcome.
// Memory: about 200 bytes per request and 8 per arrival; beyond 50 million arrivals gaps are left out.
absl::StatusOr<ComparedRecords> ReadComparedRecords(const std::string& path, bool is_race,
                                                    FirstToken first_token);

}  // namespace llmdyno
