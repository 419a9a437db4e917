// Where fetched datasets lie on disk, and how one gets there: whole or not at all.
#pragma once

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/hub/hub_dataset.h"

namespace llmdyno {

// What a fetched dataset is called. A whole one serves whoever wants fewer of its rows; of a larger one the
// first rows serve those who want exactly as many.
struct HubCachePath {
  std::string whole;
  std::string first_rows;
};
// Names of datasets, subsets and splits become file names of their own, whatever characters they have.
HubCachePath CachePathOf(const HubDatasetConfig& config);
std::optional<std::string> FindCached(const HubCachePath& path);

// Writes a file under a temporary name, which is gone when the writer is without having finished.
class HubCacheWriter {
 public:
  // Makes the folder, too. Unavailable when that is not to be.
  static absl::StatusOr<std::unique_ptr<HubCacheWriter>> Open(const HubCachePath& path);
  ~HubCacheWriter();
  HubCacheWriter(const HubCacheWriter&) = delete;
  HubCacheWriter& operator=(const HubCacheWriter&) = delete;

  absl::Status WriteLine(std::string_view line);
  // Gives the file its name.
  absl::Status Finish(const std::string& path);

 private:
  explicit HubCacheWriter(std::string path) : path_(std::move(path)) {}
  absl::Status Failed() const;

  const std::string path_;
  std::ofstream file_;
  bool has_name_ = false;
};

}  // namespace llmdyno
