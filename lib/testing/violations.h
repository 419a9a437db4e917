// Collects what a conformance check found, each rule once.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace llmdyno {

class Violations {
 public:
  // Notes the sentence unless the rule holds. Returns whether it does.
  bool Expect(bool holds, std::string sentence) {
    if (!holds && std::find(sentences_.begin(), sentences_.end(), sentence) == sentences_.end()) {
      sentences_.push_back(std::move(sentence));
    }
    return holds;
  }
  std::vector<std::string> Take() { return std::move(sentences_); }

 private:
  std::vector<std::string> sentences_;
};

}  // namespace llmdyno
