// Checks of JSON files: every key is on the page that documents them, every number is one.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "support/catch.h"
#include "temporary_folder.h"

namespace llmdyno {

inline void CheckNoNumberIsOdd(const nlohmann::ordered_json& json) {
  if (json.is_number_float()) CHECK(std::isfinite(json.get<double>()));
  if (json.is_structured()) {
    for (const auto& item : json) CheckNoNumberIsOdd(item);
  }
}

// Not below "configuration" and the keys in `free`: what is there is no key of ours.
inline void CollectKeys(const nlohmann::ordered_json& json, const std::set<std::string>& free,
                        std::set<std::string>& keys) {
  if (json.is_array()) {
    for (const auto& item : json) CollectKeys(item, free, keys);
  }
  if (!json.is_object()) return;
  for (const auto& [key, value] : json.items()) {
    keys.insert(key);
    if (key != "configuration" && !free.contains(key)) CollectKeys(value, free, keys);
  }
}

inline void CheckKeysAreDocumented(const nlohmann::ordered_json& json, const std::set<std::string>& free) {
  const std::string page = ReadAll(std::string(LLMDYNO_DOCS) + "/result-files.md");
  REQUIRE_FALSE(page.empty());
  std::set<std::string> keys;
  CollectKeys(json, free, keys);
  for (const std::string& key : keys) {
    CAPTURE(key);
    CHECK(page.find("`" + key + "`") != std::string::npos);
  }
}

}  // namespace llmdyno
