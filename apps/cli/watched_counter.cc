#include "cli/watched_counter.h"

#include <cstddef>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

constexpr size_t kBytesAtOnce = size_t{1} << 20;

class WatchedCounter final : public TokenCounter {
 public:
  WatchedCounter(TokenCounter& inner, Watch watch) : inner_(inner), watch_(std::move(watch)) {}

  absl::StatusOr<std::vector<TokenCount>> CountAll(std::span<const std::string_view> texts) override {
    return InPieces<TokenCount>(texts, [&](auto piece) { return inner_.CountAll(piece); });
  }

  absl::StatusOr<std::vector<std::vector<int32_t>>> TokenIds(
      std::span<const std::string_view> texts) override {
    return InPieces<std::vector<int32_t>>(texts, [&](auto piece) { return inner_.TokenIds(piece); });
  }

 private:
  template <typename Value, typename Count>
  absl::StatusOr<std::vector<Value>> InPieces(std::span<const std::string_view> texts, const Count& count) {
    std::vector<Value> all;
    all.reserve(texts.size());
    do {
      LLMDYNO_RETURN_IF_ERROR(watch_());
      size_t taken = 0;
      for (size_t bytes = 0; taken < texts.size() && (taken == 0 || bytes < kBytesAtOnce); ++taken) {
        bytes += texts[taken].size();
      }
      LLMDYNO_ASSIGN_OR_RETURN(std::vector<Value> values, count(texts.first(taken)));
      std::move(values.begin(), values.end(), std::back_inserter(all));
      texts = texts.subspan(taken);
    } while (!texts.empty());
    return all;
  }

  TokenCounter& inner_;
  const Watch watch_;
};

}  // namespace

std::unique_ptr<TokenCounter> MakeWatchedCounter(TokenCounter& inner, Watch watch) {
  return std::make_unique<WatchedCounter>(inner, std::move(watch));
}

}  // namespace llmdyno
