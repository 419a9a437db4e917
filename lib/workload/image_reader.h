// Turns what a dataset has for a picture into what a request has: an address, or the picture itself as one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "workload/json_field.h"

namespace llmdyno {

// Keeps files that it has read: rows often ask several questions about one picture. Not thread-safe.
class ImageReader {
 public:
  using Images = std::vector<std::shared_ptr<const std::string>>;

  // Relative paths count from `directory`.
  explicit ImageReader(std::string directory) : directory_(std::move(directory)) {}

  // A path, an address (http, https, file or data), or base64; nothing at all when blank. InvalidArgument
  // when it is none of these, or the file is no PNG, JPEG, WebP or GIF.
  absl::Status Add(std::string_view text, Images& images);
  // Also {"bytes": base64 or null, "path": …}, {"src": address}, {"url": address}, a list of all these, and
  // null, which is no picture.
  absl::Status Add(const JsonValue& value, Images& images);

  // What the pictures so far take, each file once.
  int64_t bytes() const { return bytes_; }

 private:
  absl::Status AddFile(std::string path, Images& images);
  absl::Status AddObject(const JsonObject& object, Images& images);
  void AddUrl(std::string url, Images& images);

  const std::string directory_;
  int64_t bytes_ = 0;
  std::unordered_map<std::string, std::shared_ptr<const std::string>> files_;
};

// "image/png", "image/jpeg", "image/webp" or "image/gif" by the first bytes of a file; empty for others.
std::string_view ImageTypeOf(std::string_view bytes);

}  // namespace llmdyno
