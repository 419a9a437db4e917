#include "llmdyno/workload/prepared_source.h"

#include <utility>

namespace llmdyno {
namespace {

class Source final : public PreparedSource {
 public:
  Source(std::vector<Request> requests, bool repeat) : requests_(std::move(requests)), repeat_(repeat) {}

  NextRequest Next(TimePoint /*now*/) override {
    if (next_ == requests_.size()) {
      if (!repeat_ || requests_.empty()) return Exhausted{};
      next_ = 0;
    }
    if (next_ == 0) ++passes_;
    Request& prepared = requests_[next_++];
    Request request = repeat_ ? prepared : std::move(prepared);
    request.id = next_id_++;
    return request;
  }

  int64_t passes() const override { return passes_; }

 private:
  std::vector<Request> requests_;
  const bool repeat_;
  size_t next_ = 0;
  int64_t next_id_ = 0;
  int64_t passes_ = 0;
};

}  // namespace

std::unique_ptr<PreparedSource> MakePreparedSource(std::vector<Request> requests, bool repeat) {
  return std::make_unique<Source>(std::move(requests), repeat);
}

}  // namespace llmdyno
