// What every RequestSource must keep to, as a check that needs no test framework. Authors of workloads call
// it in a test of their own. Everything is called on the caller's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "llmdyno/workload/request_source.h"

namespace llmdyno {

// Makes the same source anew: same data, same seed.
using MakeRequestSource = std::function<std::unique_ptr<RequestSource>()>;

// Draws up to `requests` requests in several ways: slowly and fast, one at a time and many at once, with
// answers and with failures. Returns one sentence for each rule that is violated; empty when the source keeps
// to all of them.
std::vector<std::string> CheckRequestSource(const MakeRequestSource& make, int64_t requests = 200);

}  // namespace llmdyno
