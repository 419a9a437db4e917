// Asks the questions of a dataset in random order, each behind the same message of the system. Sweeps make
// it. Used by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "llmdyno/workload/dataset_rows.h"
#include "llmdyno/workload/request_preparer.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

// The message of the system that questions have unless told otherwise.
inline constexpr std::string_view kQuestionSystemPrompt =
    "You are good at mathematics: think carefully, show your steps, and end with the result.";

// What each request says beside its question.
struct QuestionPreparerConfig {
  std::string system_prompt = std::string(kQuestionSystemPrompt);  // empty: no such message
  std::optional<int64_t> max_output_tokens = {};                   // unset leaves it to the endpoint
  bool exact_output = false;  // the limit is the lower one, too; needs it
};

// The Rng decides the order of the rows; the first `count` are asked, and when that is more than there are,
// the whole order comes again as often as need be. Request::prompt_tokens is the question's length alone.
// `counter` must outlive the preparer; null leaves questions uncounted. InvalidArgument: no rows, a limit
// below 1 or one that exact_output lacks.
absl::StatusOr<std::unique_ptr<RequestPreparer>> MakeQuestionPreparer(std::shared_ptr<const DatasetRows> rows,
                                                                      const QuestionPreparerConfig& config,
                                                                      TokenCounter* counter);

}  // namespace llmdyno
