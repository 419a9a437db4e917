// A command line split into what the flag table reads and what are files.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace llmdyno {

struct SplitArguments {
  std::vector<std::string> flags;
  std::vector<std::string> files;
};

// Everything after "--" is a file, and so is "-". `with_value` are the flags that take the next word.
inline SplitArguments SplitOffFiles(const std::vector<std::string>& arguments,
                                    std::span<const std::string_view> with_value = {}) {
  SplitArguments split;
  bool only_files = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (only_files || argument.size() < 2 || !argument.starts_with('-')) {
      split.files.push_back(argument);
    } else if (argument == "--") {
      only_files = true;
    } else {
      split.flags.push_back(argument);
      const bool takes_next = std::find(with_value.begin(), with_value.end(), argument) != with_value.end();
      if (takes_next && i + 1 < arguments.size()) split.flags.push_back(arguments[++i]);
    }
  }
  return split;
}

}  // namespace llmdyno
