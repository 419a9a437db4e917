#include "llmdyno/base/params.h"

#include <algorithm>

#include "llmdyno/base/duration_text.h"
#include "llmdyno/base/nearest_name.h"
#include "llmdyno/base/number_text.h"

namespace llmdyno {

absl::StatusOr<Params> Params::Parse(std::string_view text) {
  Params params;
  const size_t colon = text.find(':');
  params.name = text.substr(0, colon);
  if (params.name.empty()) {
    return absl::InvalidArgumentError("'" + std::string(text) + "': expected a name, as in name:key=value");
  }
  if (colon == std::string_view::npos) return params;
  std::string_view rest = text.substr(colon + 1);
  for (bool more = !rest.empty(); more;) {
    const std::string_view item = rest.substr(0, rest.find(','));
    more = item.size() < rest.size();  // a comma follows, and so must another setting
    rest.remove_prefix(std::min(rest.size(), item.size() + 1));
    const size_t equals = item.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return absl::InvalidArgumentError("'" + std::string(text) + "': expected key=value where '" +
                                        std::string(item) + "' stands");
    }
    std::string key(item.substr(0, equals));
    for (const auto& [earlier, unused] : params.settings) {
      if (earlier == key)
        return absl::InvalidArgumentError("'" + std::string(text) + "': " + key + " is given twice");
    }
    params.settings.emplace_back(std::move(key), item.substr(equals + 1));
  }
  return params;
}

std::string ToString(const Params& params) {
  std::string text = params.name;
  char separator = ':';
  for (const auto& [key, value] : params.settings) {
    text += separator + key + "=" + value;
    separator = ',';
  }
  return text;
}

ParamReader::ParamReader(const Params& params)
    : name_(params.name), remaining_(params.settings.begin(), params.settings.end()) {}

const std::string* ParamReader::Take(std::string_view key) {
  known_.emplace_back(key);
  const auto found = remaining_.find(key);
  return found == remaining_.end() ? nullptr : &found->second;
}

void ParamReader::Fail(std::string_view key, std::string_view value, std::string_view expected) {
  if (!status_.ok()) return;
  status_ = absl::InvalidArgumentError(name_ + ": " + std::string(key) + "=" + std::string(value) +
                                       ": expected " + std::string(expected));
}

ParamReader& ParamReader::Read(std::string_view key, std::string& target) {
  if (const std::string* value = Take(key)) target = *value;
  return *this;
}

ParamReader& ParamReader::Read(std::string_view key, int64_t& target) {
  if (const std::string* value = Take(key)) {
    if (auto parsed = ParseInteger(*value))
      target = *parsed;
    else
      Fail(key, *value, "a whole number");
  }
  return *this;
}

ParamReader& ParamReader::Read(std::string_view key, double& target) {
  if (const std::string* value = Take(key)) {
    if (auto parsed = ParseReal(*value))
      target = *parsed;
    else
      Fail(key, *value, "a number");
  }
  return *this;
}

ParamReader& ParamReader::Read(std::string_view key, bool& target) {
  if (const std::string* value = Take(key)) {
    if (*value == "true" || *value == "yes" || *value == "1")
      target = true;
    else if (*value == "false" || *value == "no" || *value == "0")
      target = false;
    else
      Fail(key, *value, "true or false");
  }
  return *this;
}

ParamReader& ParamReader::Read(std::string_view key, Duration& target) {
  if (const std::string* value = Take(key)) {
    if (auto parsed = ParseDuration(*value); parsed.ok())
      target = *parsed;
    else
      Fail(key, *value, "a duration such as 250ms or 1.5s");
  }
  return *this;
}

absl::Status ParamReader::Finish() {
  if (!status_.ok()) return status_;
  for (const auto& [key, value] : remaining_) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    std::string text = name_ + ": unknown setting '" + key + "'";
    if (auto nearest = FindNearestName(key, known_)) text += " (did you mean '" + *nearest + "'?)";
    if (known_.empty()) return absl::InvalidArgumentError(text + "; it takes none");
    text += "; it takes";
    for (const std::string& known : known_) text += (&known == &known_.front() ? " " : ", ") + known;
    return absl::InvalidArgumentError(text);
  }
  return absl::OkStatus();
}

}  // namespace llmdyno
