// What every LoadModel must keep to, as a check that needs no test framework. Authors of load models call it
// in a test of their own. Everything is called on the caller's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "llmdyno/load/load_model.h"

namespace llmdyno {

// Makes the same model anew: same settings, same seed.
using MakeLoadModel = std::function<std::unique_ptr<LoadModel>()>;

// Lets the model send up to `requests` requests in virtual time to endpoints that are quick, slow, failing
// and overloaded. Returns one sentence for each rule that is violated; empty when the model keeps to all of
// them.
std::vector<std::string> CheckLoadModel(const MakeLoadModel& make, int64_t requests = 1000);

}  // namespace llmdyno
