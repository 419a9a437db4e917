#include "hub/hub_pictures.h"

#include <algorithm>
#include <vector>

#include "absl/strings/escaping.h"
#include "base/as_absl.h"

namespace llmdyno {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kAtOnce = 8;

struct Picture {
  Json* cell = nullptr;
  int64_t row = 0;
  std::string url;
};

// Without the signature, which lets in whoever has it.
std::string WithoutQuery(const std::string& url) { return url.substr(0, url.find('?')); }

void Add(Json& cell, int64_t row, const std::string& server, std::vector<Picture>& pictures) {
  if (cell.is_array()) {
    for (Json& entry : cell) Add(entry, row, server, pictures);
    return;
  }
  if (!cell.is_object()) return;
  const auto source = cell.find("src");
  if (source == cell.end() || !source->is_string()) return;
  std::string url = source->get<std::string>();
  if (url.starts_with('/')) url.insert(0, server);
  // The loader of the rows says what it thinks of anything else.
  if (url.starts_with("http://") || url.starts_with("https://"))
    pictures.push_back({&cell, row, std::move(url)});
}

}  // namespace

absl::Status FetchPictures(HubClient& client, const std::string& server, const std::string& column,
                           int64_t first_row, std::span<Json> rows) {
  std::vector<Picture> pictures;
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto cell = rows[i].find(column);
    if (cell != rows[i].end()) Add(*cell, first_row + static_cast<int64_t>(i), server, pictures);
  }
  for (size_t first = 0; first < pictures.size(); first += kAtOnce) {
    const size_t count = std::min(kAtOnce, pictures.size() - first);
    std::vector<std::string> urls;
    for (size_t i = 0; i < count; ++i) urls.push_back(pictures[first + i].url);
    const std::vector<HubReply> replies = client.GetAll(urls);
    for (size_t i = 0; i < count; ++i) {
      const Picture& picture = pictures[first + i];
      if (!replies[i].ok()) {
        return absl::UnavailableError("row " + std::to_string(picture.row) + ", column '" + column +
                                      "': the picture at " + WithoutQuery(picture.url) +
                                      " could not be fetched: " + client.Describe(replies[i]));
      }
      *picture.cell = Json{{"bytes", absl::Base64Escape(AsAbsl(replies[i].body))}};
    }
  }
  return absl::OkStatus();
}

}  // namespace llmdyno
