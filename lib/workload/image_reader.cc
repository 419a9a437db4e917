#include "workload/image_reader.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "base/as_absl.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

namespace fs = std::filesystem;

// Encoded it must fit into a request that an endpoint takes, and into a row of a dataset.
constexpr uintmax_t kMostImageBytes = uintmax_t{48} * 1024 * 1024;
constexpr std::string_view kSpace = " \t\r\n";

bool StartsWithIgnoringCase(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() &&
         std::equal(lower.begin(), lower.end(), text.begin(),
                    [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
}

bool IsWebAddress(std::string_view text) {
  return StartsWithIgnoringCase(text, "http://") || StartsWithIgnoringCase(text, "https://") ||
         StartsWithIgnoringCase(text, "data:");
}

bool IsBase64(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '+' || c == '/' || c == '=' ||
           kSpace.find(static_cast<char>(c)) != kSpace.npos;
  });
}

// The type of the picture that a text holds as base64; empty when it is none. Looks at the beginning only.
std::string_view EncodedTypeOf(std::string_view text) {
  constexpr size_t kBeginning = 32;
  std::string bytes;
  if (text.size() < kBeginning || !IsBase64(text)) return "";
  if (!absl::Base64Unescape(AsAbsl(text.substr(0, kBeginning)), &bytes)) return "";
  return ImageTypeOf(bytes);
}

std::string DataUrl(std::string_view type, std::string_view base64) {
  std::string url = "data:" + std::string(type) + ";base64,";
  url.reserve(url.size() + base64.size());
  std::copy_if(base64.begin(), base64.end(), std::back_inserter(url),
               [](char c) { return kSpace.find(c) == kSpace.npos; });
  return url;
}

std::string Shortened(std::string_view text) {
  return text.size() <= 80 ? std::string(text) : std::string(text.substr(0, 80)) + "…";
}

absl::Status NoPicture(const std::string& what) {
  return absl::InvalidArgumentError(what + " is no PNG, JPEG, WebP or GIF");
}

}  // namespace

std::string_view ImageTypeOf(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
  if (bytes.starts_with("\xff\xd8\xff")) return "image/jpeg";
  if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return "image/gif";
  if (bytes.starts_with("RIFF") && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP") return "image/webp";
  return "";
}

void ImageReader::AddUrl(std::string url, Images& images) {
  bytes_ += static_cast<int64_t>(url.size());
  images.push_back(std::make_shared<const std::string>(std::move(url)));
}

absl::Status ImageReader::Add(std::string_view text, Images& images) {
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(kSpace)));
  text.remove_suffix(text.size() - (text.find_last_not_of(kSpace) + 1));
  if (text.empty()) return absl::OkStatus();
  if (IsWebAddress(text)) {
    AddUrl(std::string(text), images);
    return absl::OkStatus();
  }
  // Before the path: a JPEG's base64 begins with a slash.
  if (const std::string_view type = EncodedTypeOf(text); !type.empty()) {
    AddUrl(DataUrl(type, text), images);
    return absl::OkStatus();
  }
  if (StartsWithIgnoringCase(text, "file://")) text.remove_prefix(std::strlen("file://"));
  return AddFile(std::string(text), images);
}

absl::Status ImageReader::AddFile(std::string path, Images& images) {
  const auto known = files_.find(path);
  if (known != files_.end()) {
    images.push_back(known->second);
    return absl::OkStatus();
  }
  const fs::path place = fs::path(directory_) / path;
  std::error_code error;
  const uintmax_t size = fs::file_size(place, error);
  if (error) {
    return absl::InvalidArgumentError("'" + Shortened(path) +
                                      "' is neither an address, nor a picture as base64, nor a file ('" +
                                      Shortened(place.string()) + "': " + error.message() + ")");
  }
  if (size > kMostImageBytes) return absl::InvalidArgumentError("'" + path + "' has more than 48 MiB");
  std::string bytes(size, '\0');
  std::ifstream file(place, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!file)
    return absl::InvalidArgumentError("cannot read '" + place.string() + "': " + std::strerror(errno));
  const std::string_view type = ImageTypeOf(bytes);
  if (type.empty()) return NoPicture("'" + path + "'");
  AddUrl(DataUrl(type, absl::Base64Escape(AsAbsl(bytes))), images);
  files_.emplace(std::move(path), images.back());
  return absl::OkStatus();
}

absl::Status ImageReader::AddObject(const JsonObject& object, Images& images) {
  if (const std::optional<JsonValue> bytes = FindField(object, "bytes")) {
    std::string_view base64;
    if (bytes->get(base64) != simdjson::SUCCESS) return WrongType("bytes", "base64", *bytes);
    const std::string_view type = EncodedTypeOf(base64);
    if (type.empty()) return NoPicture("what 'bytes' holds as base64");
    AddUrl(DataUrl(type, base64), images);
    return absl::OkStatus();
  }
  for (const char* key : {"path", "src", "url"}) {
    const std::optional<JsonValue> field = FindField(object, key);
    if (!field) continue;
    std::string_view text;
    if (field->get(text) != simdjson::SUCCESS) return WrongType(key, "a string", *field);
    return Add(text, images);
  }
  return absl::InvalidArgumentError("expected an object with 'bytes', 'path', 'src' or 'url', got " +
                                    Shortened(simdjson::to_string(object)));
}

absl::Status ImageReader::Add(const JsonValue& value, Images& images) {
  if (value.is_null()) return absl::OkStatus();
  if (std::string_view text; value.get(text) == simdjson::SUCCESS) return Add(text, images);
  if (JsonObject object; value.get(object) == simdjson::SUCCESS) return AddObject(object, images);
  simdjson::dom::array list;
  if (value.get(list) == simdjson::SUCCESS) {
    for (const JsonValue entry : list) LLMDYNO_RETURN_IF_ERROR(Add(entry, images));
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "expected a path, an address, base64, an object with one of them, or a list of these, got " +
      std::string(TypeName(value)));
}

}  // namespace llmdyno
