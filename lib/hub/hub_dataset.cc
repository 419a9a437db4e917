#include "llmdyno/hub/hub_dataset.h"

#include <algorithm>
#include <cctype>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "hub/hub_cache.h"
#include "hub/hub_client.h"
#include "hub/hub_pictures.h"
#include "hub/quoted_list.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kRowsAtOnce = 100;  // the most that the server gives
constexpr Duration kBetweenNotes = std::chrono::seconds(10);
constexpr size_t kMostLineBytes = size_t{60} << 20;  // what the readers of datasets take, and a little less

struct Split {
  std::string subset;
  std::string name;
};

struct Page {
  std::vector<Json> rows;
  std::optional<int64_t> total;     // of the whole split
  bool is_partial = false;          // the server holds only the beginning of the dataset
  std::set<std::string> shortened;  // columns in which it cut a cell
};

absl::Status Invalid(const std::string& sentence) { return absl::InvalidArgumentError(sentence); }

// "user/name" or, of the hub's oldest sets, "name".
absl::Status CheckName(const std::string& name) {
  const auto is_allowed = [](unsigned char c) {
    return (c < 0x80 && std::isalnum(c) != 0) || c == '-' || c == '_' || c == '.' || c == '/';
  };
  const size_t slash = name.find('/');
  if (!name.empty() && std::all_of(name.begin(), name.end(), is_allowed) && slash != 0 &&
      name.back() != '/' && (slash == std::string::npos || name.find('/', slash + 1) == std::string::npos)) {
    return absl::OkStatus();
  }
  return Invalid("'" + name +
                 "' is neither a file or folder here nor the name of a dataset on the hub: expected '" +
                 "user/name'");
}

absl::Status CheckConfig(const HubDatasetConfig& config) {
  LLMDYNO_RETURN_IF_ERROR(CheckName(config.dataset));
  if (config.split.find_first_of("[+") != std::string::npos) {
    return Invalid("the split '" + config.split + "' of the dataset '" + config.dataset +
                   "' is a part or a sum of splits: expected the name of one; max_rows ends it earlier");
  }
  if (config.max_rows < 1) {
    return Invalid("max_rows is " + std::to_string(config.max_rows) + ": expected 1 or more");
  }
  if (config.settings.cache_directory.empty()) {
    return absl::UnavailableError(
        "there is no place for datasets of the hub: none of HF_HOME, XDG_CACHE_HOME and HOME is set");
  }
  return absl::OkStatus();
}

class Fetcher {
 public:
  Fetcher(const HubDatasetConfig& config, Transport& transport, const Clock& clock,
          const Diagnostics& diagnostics)
      : config_(config),
        clock_(clock),
        diagnostics_(diagnostics),
        client_(config.settings, transport, clock, diagnostics),
        name_(config.dataset) {}

  absl::StatusOr<std::string> Fetch(const HubCachePath& path) {
    LLMDYNO_ASSIGN_OR_RETURN(const std::vector<Split> splits, GetSplits());
    LLMDYNO_ASSIGN_OR_RETURN(split_, Choose(splits));
    LLMDYNO_ASSIGN_OR_RETURN(const std::unique_ptr<HubCacheWriter> writer, HubCacheWriter::Open(path));
    next_note_ = clock_.Now() + kBetweenNotes;
    int64_t fetched = 0;
    bool is_whole = false;
    while (fetched < config_.max_rows && !is_whole) {
      LLMDYNO_ASSIGN_OR_RETURN(Page page,
                               GetPage(fetched, std::min(kRowsAtOnce, config_.max_rows - fetched)));
      const int64_t count = std::ssize(page.rows);
      if (page.total && count == 0 && fetched < *page.total) return Stopped(fetched, *page.total);
      LLMDYNO_RETURN_IF_ERROR(Write(fetched, page, *writer));
      fetched += count;
      is_whole = count == 0 || (page.total && fetched >= *page.total);
      Say(fetched, page);
    }
    if (fetched == 0) return Invalid("the dataset " + What() + " has no rows");
    if (!shortened_.empty()) {
      diagnostics_.Warn("the dataset server shortened cells of " + What() + ", in column " +
                        QuotedList(shortened_));
    }
    const std::string& file = is_whole ? path.whole : path.first_rows;
    LLMDYNO_RETURN_IF_ERROR(writer->Finish(file));
    diagnostics_.Note(WithThousands(fetched) + " rows of " + What() + " were fetched and are kept in '" +
                      file + "'");
    return file;
  }

 private:
  // "'rajpurkar/squad' (plain_text, train)".
  std::string What() const {
    if (split_.name.empty()) return "'" + name_ + "'";
    return "'" + name_ + "' (" + split_.subset + ", " + split_.name + ")";
  }

  absl::StatusOr<std::vector<Split>> GetSplits() {
    HubReply reply = client_.Get(SplitsUrl());
    if (reply.status == 404 && client_.ErrorText(reply).find("renamed") != std::string::npos) {
      if (const auto name = PresentName()) {
        diagnostics_.Note("the dataset '" + name_ + "' is called '" + *name + "' now");
        name_ = *name;
        reply = client_.Get(SplitsUrl());
      }
    }
    LLMDYNO_ASSIGN_OR_RETURN(const Json json, Parse(reply));
    std::vector<Split> splits;
    for (const Json& entry : json.value("splits", Json::array())) {
      if (!entry.is_object()) continue;
      const auto subset = entry.find("config");
      const auto split = entry.find("split");
      if (subset == entry.end() || split == entry.end() || !subset->is_string() || !split->is_string())
        continue;
      splits.push_back({subset->get<std::string>(), split->get<std::string>()});
    }
    if (splits.empty())
      return absl::UnavailableError("the dataset server has no splits of " + What() + Elsewhere());
    return splits;
  }

  std::string SplitsUrl() const { return config_.settings.server + "/splits?dataset=" + EncodeForUrl(name_); }

  // The dataset server knows present names only; the hub sends those who ask for an old one on to the new
  // one.
  std::optional<std::string> PresentName() {
    constexpr std::string_view kRoute = "/api/datasets/";
    const HubReply reply = client_.Get(config_.settings.hub + std::string(kRoute) + name_);
    if (reply.status < 300 || reply.status >= 400) return std::nullopt;
    const size_t at = reply.body.find(kRoute);
    if (at == std::string::npos) return std::nullopt;
    std::string name = reply.body.substr(at + kRoute.size());
    name.resize(std::min(name.size(), name.find_first_of(" \t\r\n\"'<>?#")));
    return CheckName(name).ok() ? std::optional(name) : std::nullopt;
  }

  absl::StatusOr<Split> Choose(const std::vector<Split>& splits) const {
    std::vector<std::string> subsets;
    for (const Split& split : splits) {
      if (std::find(subsets.begin(), subsets.end(), split.subset) == subsets.end())
        subsets.push_back(split.subset);
    }
    const auto pick = [](const std::vector<std::string>& names, const std::string& asked,
                         const std::string& usual) -> std::optional<std::string> {
      const auto found = std::find(names.begin(), names.end(), asked.empty() ? usual : asked);
      if (found != names.end()) return *found;
      return asked.empty() ? std::optional(names.front()) : std::nullopt;
    };
    const auto subset = pick(subsets, config_.subset, "default");
    if (!subset) {
      return Invalid("the dataset '" + name_ + "' has no subset '" + config_.subset + "'; there are " +
                     QuotedList(subsets));
    }
    if (config_.subset.empty() && subsets.size() > 1) {
      diagnostics_.Note("the dataset '" + name_ + "' has the subsets " + QuotedList(subsets) + "; '" +
                        *subset + "' is taken, for huggingface_kwargs has no name");
    }
    std::vector<std::string> names;
    for (const Split& split : splits) {
      if (split.subset == *subset) names.push_back(split.name);
    }
    const auto name = pick(names, config_.split, "train");
    if (!name) {
      return Invalid("the dataset '" + name_ + "' has no split '" + config_.split + "' in its subset '" +
                     *subset + "'; there are " + QuotedList(names));
    }
    return Split{*subset, *name};
  }

  absl::StatusOr<Page> GetPage(int64_t offset, int64_t length) {
    const HubReply reply =
        client_.Get(config_.settings.server + "/rows?dataset=" + EncodeForUrl(name_) +
                    "&config=" + EncodeForUrl(split_.subset) + "&split=" + EncodeForUrl(split_.name) +
                    "&offset=" + std::to_string(offset) + "&length=" + std::to_string(length));
    LLMDYNO_ASSIGN_OR_RETURN(Json json, Parse(reply));
    const auto rows = json.find("rows");
    if (rows == json.end() || !rows->is_array()) return NoDatasetServer();
    Page page;
    if (const auto total = json.find("num_rows_total"); total != json.end() && total->is_number_integer()) {
      page.total = total->get<int64_t>();
    }
    if (const auto partial = json.find("partial"); partial != json.end()) page.is_partial = *partial == true;
    for (Json& entry : *rows) {
      if (!entry.is_object() || !entry.contains("row") || !entry["row"].is_object()) return NoDatasetServer();
      page.rows.push_back(std::move(entry["row"]));
      for (const Json& column : entry.value("truncated_cells", Json::array())) {
        if (column.is_string()) page.shortened.insert(column.get<std::string>());
      }
    }
    return page;
  }

  absl::Status Write(int64_t first, Page& page, HubCacheWriter& writer) {
    if (!config_.image_column.empty()) {
      const absl::Status status =
          FetchPictures(client_, config_.settings.server, config_.image_column, first + 1, page.rows);
      if (!status.ok())
        return absl::UnavailableError("the dataset " + What() + ", " + std::string(status.message()));
    }
    for (const Json& row : page.rows) {
      ++first;
      const std::string line = row.dump(-1, ' ', false, Json::error_handler_t::replace);
      if (line.size() > kMostLineBytes) {
        return Invalid("row " + std::to_string(first) + " of the dataset " + What() +
                       " has more than 60 MiB");
      }
      LLMDYNO_RETURN_IF_ERROR(writer.WriteLine(line));
    }
    shortened_.insert(page.shortened.begin(), page.shortened.end());
    return absl::OkStatus();
  }

  void Say(int64_t fetched, const Page& page) {
    if (page.is_partial && !std::exchange(is_partial_, true)) {
      diagnostics_.Warn("the dataset server has only the beginning of " + What() +
                        ", which is too large for it");
    }
    if (clock_.Now() < next_note_) return;
    next_note_ = clock_.Now() + kBetweenNotes;
    const std::string of =
        page.total ? " of " + WithThousands(std::min(*page.total, config_.max_rows)) : std::string();
    diagnostics_.Note(WithThousands(fetched) + of + " rows of " + What() + " fetched");
  }

  // The object in a reply, or what a person should do about there being none.
  absl::StatusOr<Json> Parse(const HubReply& reply) const {
    if (reply.ok()) {
      Json json = Json::parse(reply.body, nullptr, false);
      if (json.is_object()) return json;
      return NoDatasetServer();
    }
    const std::string said = client_.Describe(reply);
    const bool has_token = !config_.settings.token.empty();
    if (reply.status == 401 || reply.status == 403) {
      return absl::PermissionDeniedError("the dataset " + What() + " is not to be had (" + said +
                                         "): it does not exist, or is private or gated, " +
                                         (has_token
                                              ? "and the token in HF_TOKEN may not read it"
                                              : "for which HF_TOKEN must hold a token that may read it"));
    }
    if (reply.status == 404) {
      return absl::NotFoundError("the dataset server at " + config_.settings.server +
                                 " does not know the dataset " + What() + " (" + said +
                                 "): expected its name as in 'rajpurkar/squad'" + Elsewhere());
    }
    return absl::UnavailableError("the dataset " + What() + " cannot be fetched from " +
                                  config_.settings.server + ": " + said + Elsewhere());
  }

  absl::Status NoDatasetServer() const {
    return absl::UnavailableError(
        "what answers at " + config_.settings.server +
        " is no dataset server: HF_ENDPOINT must name one that has /splits and /rows");
  }
  absl::Status Stopped(int64_t fetched, int64_t total) const {
    return absl::UnavailableError("the dataset server gave " + WithThousands(fetched) + " of " +
                                  WithThousands(total) + " rows of " + What() + " and no more");
  }
  static std::string Elsewhere() {
    return "; a folder with an export of it (Dataset.to_json) can be read without the server";
  }

  const HubDatasetConfig& config_;
  const Clock& clock_;
  const Diagnostics& diagnostics_;
  HubClient client_;
  std::string name_;  // the present one
  Split split_;
  TimePoint next_note_;
  bool is_partial_ = false;
  std::set<std::string> shortened_;
};

}  // namespace

absl::StatusOr<std::string> FetchHubDataset(const HubDatasetConfig& config, Transport& transport,
                                            const Clock& clock, const Diagnostics& diagnostics) {
  LLMDYNO_RETURN_IF_ERROR(CheckConfig(config));
  const HubCachePath path = CachePathOf(config);
  if (const auto cached = FindCached(path)) {
    diagnostics.Note("the dataset '" + config.dataset + "' was fetched before; '" + *cached + "' is read");
    return *cached;
  }
  return Fetcher(config, transport, clock, diagnostics).Fetch(path);
}

}  // namespace llmdyno
