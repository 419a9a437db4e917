// Picks values out of result files, ours and others', whose keys may be missing or null.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>

#include "report/report_json.h"

namespace llmdyno {

using JsonPath = std::initializer_list<const char*>;

// What is there; nullptr when a key is missing on the way, or the value is null.
const Json* FindAt(const Json& json, JsonPath path);
// Finite numbers only.
std::optional<double> NumberAt(const Json& json, JsonPath path);
// Whole numbers only.
std::optional<int64_t> IntegerAt(const Json& json, JsonPath path);
// Empty for anything but a text.
std::string TextAt(const Json& json, JsonPath path);
bool FlagAt(const Json& json, JsonPath path, bool otherwise);

struct MeanStd {
  std::optional<double> mean;
  std::optional<double> std;  // needs a mean
  int64_t n = 0;              // 0: not said
};
// An object with `mean` and perhaps `std` and `n`, or a bare number.
MeanStd MeanStdAt(const Json& json, JsonPath path);

}  // namespace llmdyno
