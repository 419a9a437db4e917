#include "report/sweep_reading.h"

#include <cmath>

namespace llmdyno {
namespace {

std::optional<double> Finite(const Json& json) {
  if (!json.is_number()) return std::nullopt;
  const auto value = json.get<double>();
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

}  // namespace

const Json* FindAt(const Json& json, JsonPath path) {
  const Json* at = &json;
  for (const char* key : path) {
    if (!at->is_object()) return nullptr;
    const auto found = at->find(key);
    if (found == at->end()) return nullptr;
    at = &*found;
  }
  return at->is_null() ? nullptr : at;
}

std::optional<double> NumberAt(const Json& json, JsonPath path) {
  const Json* found = FindAt(json, path);
  return found != nullptr ? Finite(*found) : std::nullopt;
}

std::optional<int64_t> IntegerAt(const Json& json, JsonPath path) {
  const Json* found = FindAt(json, path);
  return found != nullptr && found->is_number_integer() ? std::optional(found->get<int64_t>()) : std::nullopt;
}

std::string TextAt(const Json& json, JsonPath path) {
  const Json* found = FindAt(json, path);
  return found != nullptr && found->is_string() ? found->get<std::string>() : "";
}

bool FlagAt(const Json& json, JsonPath path, bool otherwise) {
  const Json* found = FindAt(json, path);
  return found != nullptr && found->is_boolean() ? found->get<bool>() : otherwise;
}

MeanStd MeanStdAt(const Json& json, JsonPath path) {
  MeanStd value;
  const Json* found = FindAt(json, path);
  if (found == nullptr) return value;
  if (!found->is_object()) {
    value.mean = Finite(*found);
    return value;
  }
  value.mean = NumberAt(*found, {"mean"});
  if (value.mean) value.std = NumberAt(*found, {"std"});
  value.n = IntegerAt(*found, {"n"}).value_or(0);
  return value;
}

}  // namespace llmdyno
