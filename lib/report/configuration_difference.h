// In what the configurations of two results differ, and whether they may then be compared.
#pragma once

#include <string>
#include <vector>

#include "llmdyno/report/result_comparison.h"

namespace llmdyno {

// Every setting that differs, those first that matter. What is absent in a file is as good as null.
std::vector<ConfigurationDifference> DifferencesOf(const ComparedResult& a, const ComparedResult& b);

}  // namespace llmdyno
