#include "llmdyno/catalog/workload_preparer.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "llmdyno/base/params.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

class WorkloadPreparer final : public RequestPreparer {
 public:
  WorkloadPreparer(const WorkloadSpec& workload, Params params, const Catalog& catalog, TokenCounter& counter,
                   const Diagnostics& diagnostics)
      : workload_(workload),
        params_(std::move(params)),
        catalog_(catalog),
        counter_(counter),
        diagnostics_(diagnostics) {}

  absl::StatusOr<std::vector<Request>> Prepare(int64_t count, Rng rng) override {
    LLMDYNO_ASSIGN_OR_RETURN(const std::unique_ptr<RequestSource> source, MakeSource(count, rng));
    std::vector<Request> requests;
    TimePoint now;
    while (std::ssize(requests) < count) {
      NextRequest next = source->Next(now);
      if (std::holds_alternative<Exhausted>(next)) break;
      if (std::holds_alternative<AwaitResponse>(next)) return NeedsAnswers();
      if (const auto* wait = std::get_if<NotBefore>(&next)) {
        now = std::max(now, wait->at);
      } else {
        requests.push_back(std::get<Request>(std::move(next)));
      }
    }
    if (!requests.empty()) return requests;
    return absl::InvalidArgumentError("the workload '" + ToString(params_) + "' has no requests");
  }

  absl::StatusOr<std::unique_ptr<RequestSource>> MakeSource(int64_t count, Rng rng) {
    WorkloadSpec workload = workload_;
    workload.requests = count;
    // What the workload is was told when it was made first.
    const WorkloadContext context{workload, counter_, rng, is_made_ ? warnings_only_ : diagnostics_};
    is_made_ = true;
    return catalog_.workloads.Make(params_, context);
  }

 private:
  absl::Status NeedsAnswers() const {
    return absl::InvalidArgumentError(
        "the workload '" + ToString(params_) +
        "' waits for answers before it goes on, and here requests are made before any is sent: use it with "
        "llmdyno race or llmdyno qps");
  }

  const WorkloadSpec workload_;
  const Params params_;
  const Catalog& catalog_;
  TokenCounter& counter_;
  const Diagnostics& diagnostics_;
  const Diagnostics warnings_only_{[this](Severity severity, std::string_view text) {
    if (severity == Severity::kWarning) diagnostics_.Warn(text);
  }};
  bool is_made_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RequestPreparer>> MakeWorkloadPreparer(const WorkloadSpec& workload,
                                                                      const Catalog& catalog,
                                                                      TokenCounter& counter,
                                                                      const Diagnostics& diagnostics) {
  LLMDYNO_ASSIGN_OR_RETURN(Params params, Params::Parse(workload.name));
  auto preparer =
      std::make_unique<WorkloadPreparer>(workload, std::move(params), catalog, counter, diagnostics);
  LLMDYNO_RETURN_IF_ERROR(preparer->MakeSource(1, Rng(0)).status());
  return preparer;
}

}  // namespace llmdyno
