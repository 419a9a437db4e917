// Makes the requests of every run of a sweep.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/watched_counter.h"
#include "llmdyno/catalog/make_plan.h"
#include "llmdyno/experiment/sweep.h"
#include "llmdyno/workload/dataset_rows.h"
#include "llmdyno/workload/request_preparer.h"
#include "llmdyno/workload/text_pool.h"
#include "llmdyno/workload/token_counter.h"
#include "sweep/sweep_options.h"
#include "sweep/sweep_spec.h"

namespace llmdyno {

// Told some of the texts that prompts are made of, before any is counted, so that the counter may learn what
// they cost; may be empty.
using LearnLengths = std::function<absl::Status(std::span<const std::string_view> texts)>;

// Lives as long as the sweep; `spec`, `options`, `counter` and what the setting refers to must outlive it.
class SweepRequests {
 public:
  // Reads the dataset and counts its texts: a missing file or column is told here, before anything is
  // measured.
  static absl::StatusOr<std::unique_ptr<SweepRequests>> Make(const SweepSpec& spec,
                                                             const SweepOptions& options,
                                                             const RunSetting& setting, TokenCounter& counter,
                                                             const LearnLengths& learn, Watch watch);

  // Says how many requests the runs of each level have, where the flags left it to the dataset.
  void SizeLevels(std::vector<SweepLevel>& levels) const;

  // The requests of run `run` of a level, or of its warm-up (run < 0). Other runs and levels have other
  // requests, but those of a replayed dataset; the same seed has the same ones. `watch` is called meanwhile,
  // and its error returned.
  absl::StatusOr<std::vector<Request>> Prepare(const SweepLevel& level, int64_t run);

  // Sentences for the result: rows left out, how lengths were counted.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  SweepRequests(const SweepSpec& spec, const SweepOptions& options, const RunSetting& setting,
                TokenCounter& counter, Watch watch)
      : spec_(spec),
        options_(options),
        catalog_(setting.catalog),
        diagnostics_(setting.diagnostics),
        counter_(counter),
        watch_(std::move(watch)) {}

  absl::Status CheckEnough(const SweepLevel& level, int64_t requests) const;
  absl::Status ReadDataset(const RunSetting& setting);
  absl::Status MakePool(const RunSetting& setting, const LearnLengths& learn);
  absl::StatusOr<std::unique_ptr<RequestPreparer>> MakePreparer(const SweepLevel& level);
  absl::StatusOr<std::unique_ptr<RequestPreparer>> MakeQuestions(std::optional<int64_t> max_output_tokens);
  absl::StatusOr<std::unique_ptr<RequestPreparer>> MakeScenario(const absl::StatusOr<Scenario>& scenario);
  absl::StatusOr<std::unique_ptr<RequestPreparer>> MakeWarmUp();
  absl::StatusOr<Scenario> ImageScenario() const;
  absl::StatusOr<Scenario> CellScenario(const SweepLevel& level) const;
  absl::StatusOr<RequestPreparer*> PreparerOf(const SweepLevel& level, bool is_warm_up);
  int64_t RequestsOf(const SweepLevel& level) const;
  double ImageBytesPerRequest() const;
  absl::Status CheckImageMemory(int64_t count) const;

  const SweepSpec& spec_;
  const SweepOptions& options_;
  const Catalog& catalog_;
  const Diagnostics& diagnostics_;
  TokenCounter& counter_;
  const Watch watch_;
  std::shared_ptr<const DatasetRows> rows_;  // null: no dataset
  std::shared_ptr<const TextPool> pool_;     // null where rows are sent as they are
  // By the level's key for a grid, each cell of which has its own lengths; else one for all, under "".
  std::map<std::string, std::unique_ptr<RequestPreparer>> preparers_;
  std::vector<std::string> notes_;
};

}  // namespace llmdyno
