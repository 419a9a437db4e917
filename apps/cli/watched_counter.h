// Lets whoever waits for prompts have a say while they are counted.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

// Called every so often during work that may take minutes; an error ends it.
using Watch = std::function<absl::Status()>;

// Counts as `inner` does, which must outlive it, a MiB of text at a time, and calls `watch` before each.
std::unique_ptr<TokenCounter> MakeWatchedCounter(TokenCounter& inner, Watch watch);

}  // namespace llmdyno
