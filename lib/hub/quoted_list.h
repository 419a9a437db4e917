// Names in a sentence.
#pragma once

#include <string>

namespace llmdyno {

// "'train', 'test'"; of many only the first, and how many more.
template <typename Names>
std::string QuotedList(const Names& names) {
  constexpr size_t kShown = 40;
  std::string text;
  size_t count = 0;
  for (const std::string& name : names) {
    if (++count > kShown) continue;
    text += (text.empty() ? "'" : ", '") + name + "'";
  }
  return count > kShown ? text + " and " + std::to_string(count - kShown) + " more" : text;
}

}  // namespace llmdyno
