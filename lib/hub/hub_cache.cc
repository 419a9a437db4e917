#include "hub/hub_cache.h"

#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "hub/hub_client.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

namespace fs = std::filesystem;

// No name of something begins with this: it is encoded in those.
constexpr std::string_view kUsual = "+usual";

// A name as one part of a path. "." and ".." are parts with a meaning.
std::string PathPart(const std::string& name) {
  if (name.empty()) return std::string(kUsual);
  const std::string encoded = EncodeForUrl(name);
  return encoded.find_first_not_of('.') == std::string::npos ? "%2E" + encoded.substr(1) : encoded;
}

}  // namespace

HubCachePath CachePathOf(const HubDatasetConfig& config) {
  fs::path folder = fs::path(config.settings.cache_directory) / "datasets";
  // Another server may have something else under the same name.
  if (config.settings.server != HubSettings().server) folder /= PathPart(config.settings.server);
  folder /= PathPart(config.dataset);
  folder /= PathPart(config.subset);
  std::string stem = PathPart(config.split);
  if (!config.image_column.empty()) stem += "+with-" + PathPart(config.image_column);
  return {(folder / (stem + ".jsonl")).string(),
          (folder / (stem + "+first-" + std::to_string(config.max_rows) + ".jsonl")).string()};
}

std::optional<std::string> FindCached(const HubCachePath& path) {
  for (const std::string& file : {path.whole, path.first_rows}) {
    std::error_code ignored;
    if (fs::is_regular_file(file, ignored)) return file;
  }
  return std::nullopt;
}

absl::StatusOr<std::unique_ptr<HubCacheWriter>> HubCacheWriter::Open(const HubCachePath& path) {
  std::error_code error;
  const fs::path folder = fs::path(path.whole).parent_path();
  fs::create_directories(folder, error);
  if (error) {
    return absl::UnavailableError("cannot make the folder '" + folder.string() +
                                  "' for datasets of the hub: " + error.message() +
                                  "; HF_HOME can name another place");
  }
  // Two processes may fetch the same set: each writes a file of its own, and the last name given stays.
  std::unique_ptr<HubCacheWriter> writer(
      new HubCacheWriter(path.whole + ".partial-" + std::to_string(::getpid())));
  errno = 0;
  writer->file_.open(writer->path_, std::ios::binary | std::ios::trunc);
  if (!writer->file_) return writer->Failed();
  return writer;
}

HubCacheWriter::~HubCacheWriter() {
  if (has_name_) return;
  file_.close();
  std::error_code ignored;
  fs::remove(path_, ignored);
}

absl::Status HubCacheWriter::Failed() const {
  return absl::UnavailableError("cannot write '" + path_ + "': " + std::strerror(errno == 0 ? EIO : errno));
}

absl::Status HubCacheWriter::WriteLine(std::string_view line) {
  errno = 0;
  file_ << line << '\n';
  return file_ ? absl::OkStatus() : Failed();
}

absl::Status HubCacheWriter::Finish(const std::string& path) {
  errno = 0;
  file_.close();
  if (!file_) return Failed();
  std::error_code error;
  fs::rename(path_, path, error);
  if (error) return absl::UnavailableError("cannot write '" + path + "': " + error.message());
  has_name_ = true;
  return absl::OkStatus();
}

}  // namespace llmdyno
