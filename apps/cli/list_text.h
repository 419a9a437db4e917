// Values of flags that are lists with commas between them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace llmdyno {

// The words between the commas, without the spaces around them; a comma inside brackets belongs to its word,
// and one at the end begins one more word, which is empty.
std::vector<std::string> SplitList(const std::string& text);

// Whole numbers from 1 to `most`, each once, for each is the key of its own results. InvalidArgument names
// the flag.
absl::StatusOr<std::vector<int64_t>> ParseWholeNumbers(const std::string& flag, const std::string& text,
                                                       int64_t most);

// Rates above 0 and up to a million a second.
absl::StatusOr<std::vector<double>> ParseRates(const std::string& flag, const std::string& text);

}  // namespace llmdyno
