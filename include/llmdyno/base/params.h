// Named settings written in one word: "name" or "name:key=value,key=value", as in `--simulate
// fast:ttft=50ms,itl=2ms`. Every registry entry takes its settings in this form. Command lines and
// configurations are read with it. Plain values; a ParamReader is used by one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/base/time.h"

namespace llmdyno {

// A name and its settings, not yet interpreted.
struct Params {
  std::string name;
  std::vector<std::pair<std::string, std::string>> settings;  // in the order written

  // InvalidArgument, quoting the text, when the name is empty, a setting has no '=', or a key is given twice.
  static absl::StatusOr<Params> Parse(std::string_view text);
};
// As Parse reads it: "name:key=value,key=value".
std::string ToString(const Params& params);

// Takes the settings of a Params one by one and reports what is unknown or malformed.
//
//   ParamReader reader(params);
//   reader.Read("ttft", config.ttft).Read("users", config.users);
//   if (absl::Status status = reader.Finish(); !status.ok()) return status;
//
// A key that is absent leaves its target as it was. Finish() names the first malformed value, or the first
// key that nobody read together with the nearest known one.
class ParamReader {
 public:
  // Copies what it needs: `params` may go away.
  explicit ParamReader(const Params& params);
  // Any text, the empty one included.
  ParamReader& Read(std::string_view key, std::string& target);
  // A whole number as ParseInteger reads it: "80", "2k".
  ParamReader& Read(std::string_view key, int64_t& target);
  // A finite number as ParseReal reads it.
  ParamReader& Read(std::string_view key, double& target);
  // "true", "yes" and "1", or "false", "no" and "0".
  ParamReader& Read(std::string_view key, bool& target);
  // A duration as ParseDuration reads it: "250ms"; a bare number is seconds.
  ParamReader& Read(std::string_view key, Duration& target);
  // InvalidArgument, or OK when every setting was read and well-formed. Call it behind the last Read.
  absl::Status Finish();

 private:
  const std::string* Take(std::string_view key);
  void Fail(std::string_view key, std::string_view value, std::string_view expected);

  std::string name_;
  std::map<std::string, std::string, std::less<>> remaining_;
  std::vector<std::string> known_;
  absl::Status status_;
};

}  // namespace llmdyno
