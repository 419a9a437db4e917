// Numbers as they were most likely typed.
#pragma once

#include <string>

namespace llmdyno {

// The shortest decimal text that reads back as the same number, without an exponent: "99", "99.9", "0.05".
// Needs a finite value.
std::string ShortNumber(double value);

}  // namespace llmdyno
