// A header that nobody includes: every kind of comment that the filter knows.
//
// Compares `a < b` and #1 with <tags> at 50 %.
#pragma once

#include <string>  // stays

// Twice what it is given.
//
//   Twice(2)  // 4
//
// Never fails.
#define LLMDYNO_TWICE(x) \
  ((x) +                 \
   (x))

namespace llmdyno {

class Sample {
 public:
  // Needs a url such as "http://host//path".
  explicit Sample(const std::string& url = "http://none");  // in words
  ~Sample();
  Sample(const Sample&) = delete;
  int size() const { return size_; }
  int Undocumented() const;
  // Not negative.
  int Length(int unit,  // of the answer
             int least) const {
    // A comment in a body.
    const char* text = "// none";  // nor is this one
    return size_ > 0 ? size_ : static_cast<int>(text[0]) + unit + least;
  }

 private:
  int size_ = 0;
};

// Lengths.
struct Lengths {
  // In tokens.
  int input = 0;   // of the prompt
  int output = 0;  // of the answer, which
                   // may be none
  int total = 0;

  int (*callback)(int) = nullptr;
  char quote = '"';
  friend bool operator==(const Lengths&, const Lengths&) = default;
};

enum class Kind {
  kShort,  // few
  kLong,
};

}  // namespace llmdyno
