#include "llmdyno/run/usage_calibration.h"

#include <string>
#include <utility>
#include <vector>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/load/closed_loop.h"

namespace llmdyno {
namespace {

// About 100 and 900 tokens of prose: far enough apart that a token more or less changes nothing.
constexpr size_t kShortBytes = 500;
constexpr size_t kLongBytes = 4500;

// The texts one after the other, cut behind a word once there are as many bytes.
std::string Joined(std::span<const std::string_view> texts, size_t bytes) {
  std::string joined;
  for (const std::string_view text : texts) {
    if (joined.size() >= bytes) break;
    if (!joined.empty()) joined += ' ';
    joined += text;
  }
  if (joined.size() <= bytes) return joined;
  const size_t space = joined.find_last_of(" \n", bytes);
  return joined.substr(0, space == std::string::npos ? 0 : space);
}

// What usage said of each request, by its id.
class UsageCollector final : public RecordSink {
 public:
  explicit UsageCollector(size_t requests) : tokens_(requests) {}
  void OnRecord(const RequestRecord& record) override {
    if (!record.outcome.ok() || record.input_tokens.source != TokenCountSource::kUsage) return;
    tokens_.at(static_cast<size_t>(record.request_id)) = record.input_tokens.tokens;
  }
  const std::vector<std::optional<int64_t>>& tokens() const { return tokens_; }

 private:
  std::vector<std::optional<int64_t>> tokens_;
};

}  // namespace

absl::StatusOr<std::optional<TokenCalibration>> CalibrateByUsage(const Endpoint& endpoint,
                                                                 std::shared_ptr<const Dialect> dialect,
                                                                 PromptBody body,
                                                                 std::span<const std::string_view> texts,
                                                                 const RunContext& context) {
  std::vector<Prompt> prompts(2);
  prompts[0].text = Joined(texts, kShortBytes);
  prompts[1].text = Joined(texts, kLongBytes);
  const auto bytes =
      static_cast<int64_t>(prompts[1].text.size()) - static_cast<int64_t>(prompts[0].text.size());
  if (prompts[0].text.empty() || bytes < static_cast<int64_t>(kShortBytes)) return std::nullopt;
  PromptListConfig config;
  config.request.body = body;
  config.request.system_prompt.clear();
  config.request.max_output_tokens = 1;
  config.order = PromptOrder::kAsGiven;
  RunPlan plan;
  plan.endpoint = endpoint;
  plan.dialect = std::move(dialect);
  plan.phase = RunPhase::kWarmUp;
  plan.stop.requests = std::ssize(prompts);
  LLMDYNO_ASSIGN_OR_RETURN(plan.source, MakePromptListSource(prompts, config, Rng(0)));
  LLMDYNO_ASSIGN_OR_RETURN(plan.load, MakeClosedLoop({.users = 1, .ramp_users_per_second = 0}, Rng(0)));
  UsageCollector collector(prompts.size());
  RunContext quiet = context;
  quiet.sinks = {&collector};
  quiet.on_progress = nullptr;
  LLMDYNO_RETURN_IF_ERROR(ExecuteRun(plan, quiet).status());
  const auto& tokens = collector.tokens();
  if (!tokens[0] || !tokens[1] || *tokens[1] <= *tokens[0]) return std::nullopt;
  TokenCalibration calibration;
  calibration.Learn(bytes, *tokens[1] - *tokens[0]);
  return calibration;
}

}  // namespace llmdyno
