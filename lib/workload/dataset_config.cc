#include "llmdyno/workload/dataset_config.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>
#include <utility>

#include "llmdyno/base/nearest_name.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/workload/prompt_template.h"

namespace llmdyno {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::array kSources = {DatasetSource::kFile, DatasetSource::kHuggingFace, DatasetSource::kAime,
                                 DatasetSource::kCustom};
constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

absl::Status Wrong(const std::string& sentence) { return absl::InvalidArgumentError(sentence); }

bool Exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::string_view TypeOf(const Json& value) {
  if (value.is_array()) return "a list";
  if (value.is_object()) return "an object";
  if (value.is_string()) return "a string";
  if (value.is_boolean()) return "true or false";
  return value.is_null() ? "null" : "a number";
}

absl::Status WrongType(const std::string& key, std::string_view expected, const Json& value) {
  return Wrong(key + ": expected " + std::string(expected) + ", got " + std::string(TypeOf(value)));
}

// "'x' is not known (did you mean 'y'?); known are y, z".
absl::Status Unknown(const std::string& key, const std::string& given,
                     const std::vector<std::string>& known) {
  std::string text = key + " '" + given + "' is not known";
  if (const auto nearest = FindNearestName(given, known)) text += " (did you mean '" + *nearest + "'?)";
  for (const std::string& name : known) text += (&name == &known.front() ? "; known are " : ", ") + name;
  return Wrong(text);
}

// The members of one object, taken by their names. What nobody took is left over.
class Members {
 public:
  Members(const Json& object, std::string prefix) : object_(object), prefix_(std::move(prefix)) {}

  // Null counts as absent.
  const Json* Find(const std::string& key) {
    known_.push_back(key);
    const auto member = object_.find(key);
    return member == object_.end() || member->is_null() ? nullptr : &*member;
  }
  absl::Status Read(const std::string& key, std::string& target) {
    const Json* const value = Find(key);
    if (value == nullptr) return absl::OkStatus();
    if (!value->is_string()) return WrongType(prefix_ + key, "a string", *value);
    target = value->get<std::string>();
    return absl::OkStatus();
  }
  std::vector<std::string> LeftOver() const {
    std::vector<std::string> keys;
    for (const auto& [key, value] : object_.items()) {
      if (std::find(known_.begin(), known_.end(), key) == known_.end()) keys.push_back(key);
    }
    return keys;
  }
  // Other keys are kept for the results and may be anything; one that is nearly ours was meant to be it.
  void NoteMistyped(std::vector<std::string>& notes) const {
    for (const std::string& key : LeftOver()) {
      if (const auto nearest = FindNearestName(key, known_)) {
        notes.push_back("the key '" + prefix_ + key + "' means nothing (did you mean '" + prefix_ + *nearest +
                        "'?)");
      }
    }
  }

 private:
  const Json& object_;
  const std::string prefix_;
  std::vector<std::string> known_;
};

absl::Status ReadHuggingFaceKwargs(const Json& kwargs, DatasetConfig& config) {
  const std::string prefix = "source.huggingface_kwargs";
  if (!kwargs.is_object()) return WrongType(prefix, "an object", kwargs);
  Members members(kwargs, prefix + ".");
  LLMDYNO_RETURN_IF_ERROR(members.Read("split", config.split));
  LLMDYNO_RETURN_IF_ERROR(members.Read("name", config.subset));
  LLMDYNO_RETURN_IF_ERROR(members.Read("revision", config.revision));
  std::string ignored;
  for (const std::string& key : members.LeftOver()) ignored += (ignored.empty() ? "" : ", ") + key;
  if (!ignored.empty()) config.notes.push_back("ignored in huggingface_kwargs: " + ignored);
  return absl::OkStatus();
}

absl::Status ReadSource(const Json& source, DatasetConfig& config) {
  if (!source.is_object()) return WrongType("source", "an object", source);
  Members members(source, "source.");
  std::string type(ToString(config.source));
  std::string workload;
  LLMDYNO_RETURN_IF_ERROR(members.Read("type", type));
  std::vector<std::string> types;
  for (const DatasetSource known : kSources) types.emplace_back(ToString(known));
  const auto found = std::find(types.begin(), types.end(), type);
  if (found == types.end()) return Unknown("source.type", type, types);
  config.source = kSources[static_cast<size_t>(found - types.begin())];
  LLMDYNO_RETURN_IF_ERROR(members.Read("path", config.path));
  LLMDYNO_RETURN_IF_ERROR(members.Read("workload", workload));
  if (config.source == DatasetSource::kCustom && !workload.empty()) config.path = workload;
  LLMDYNO_RETURN_IF_ERROR(members.Read("file_format", config.file_format));
  config.file_format = Lower(config.file_format);
  const std::vector<std::string> formats = {"csv", "txt", "json", "jsonl"};
  if (!config.file_format.empty() &&
      std::find(formats.begin(), formats.end(), config.file_format) == formats.end()) {
    return Unknown("source.file_format", config.file_format, formats);
  }
  if (const Json* const kwargs = members.Find("huggingface_kwargs")) {
    LLMDYNO_RETURN_IF_ERROR(ReadHuggingFaceKwargs(*kwargs, config));
  }
  members.NoteMistyped(config.notes);
  return absl::OkStatus();
}

absl::Status ReadMaxRows(Members& members, DatasetConfig& config) {
  const Json* const value = members.Find("max_rows");
  if (value == nullptr) return absl::OkStatus();
  if (!value->is_number()) return WrongType("max_rows", "a whole number from 1", *value);
  if (!value->is_number_integer() || *value < 1 || *value > 1'000'000'000'000) {
    return Wrong("max_rows: expected a whole number from 1, got " + value->dump());
  }
  config.max_rows = value->get<int64_t>();
  return absl::OkStatus();
}

absl::Status CheckPath(const DatasetConfig& config) {
  if (!config.path.empty() || config.source == DatasetSource::kAime) return absl::OkStatus();
  switch (config.source) {
    case DatasetSource::kHuggingFace:
      return Wrong("source.path is missing: expected a set of the hub, as in 'rajpurkar/squad', or a folder");
    case DatasetSource::kCustom:
      return Wrong("source.workload is missing: expected a workload, as in 'random:input_len=512'");
    default:
      return Wrong("source.path is missing: expected the path of a file");
  }
}

// Makes the path what can be opened. Configurations used to be written for the current directory.
void ResolvePath(const std::string& directory, DatasetConfig& config) {
  if (config.path.empty() || config.source == DatasetSource::kCustom) return;
  const bool is_hub = config.source == DatasetSource::kHuggingFace;
  const fs::path given(config.path);
  const fs::path beside = given.is_absolute() ? given : (fs::path(directory) / given).lexically_normal();
  const bool is_beside = Exists(beside);
  const bool is_here = !is_beside && Exists(given);
  if (is_here) {
    config.notes.push_back("'" + config.path + "' does not lie in the folder of the configuration ('" +
                           beside.string() + "'); the one in the current directory is read");
  }
  config.is_local = is_hub && (is_beside || is_here);
  // The name of a set must stay what it is.
  if (!is_here && (!is_hub || is_beside)) config.path = beside.string();
}

absl::Status Read(const Json& object, const std::string& directory, DatasetConfig& config) {
  if (!object.is_object()) {
    return Wrong("expected an object, got " + std::string(TypeOf(object)) +
                 "; a dataset itself is named with source.path");
  }
  Members members(object, "");
  if (const Json* const source = members.Find("source")) {
    LLMDYNO_RETURN_IF_ERROR(ReadSource(*source, config));
  }
  LLMDYNO_RETURN_IF_ERROR(members.Read("prompt_column", config.prompt_column));
  if (config.prompt_column.empty()) return Wrong("prompt_column is empty: expected the name of a column");
  LLMDYNO_RETURN_IF_ERROR(members.Read("image_column", config.image_column));
  LLMDYNO_RETURN_IF_ERROR(members.Read("prompt_template", config.prompt_template));
  LLMDYNO_RETURN_IF_ERROR(members.Read("description", config.description));
  LLMDYNO_RETURN_IF_ERROR(ReadMaxRows(members, config));
  if (!config.prompt_template.empty()) {
    const absl::Status status = PromptTemplate::Parse(config.prompt_template).status();
    if (!status.ok()) return Wrong("prompt_template, " + std::string(status.message()));
  }
  members.NoteMistyped(config.notes);
  LLMDYNO_RETURN_IF_ERROR(CheckPath(config));
  ResolvePath(directory, config);
  return absl::OkStatus();
}

// What the parser says begins with its own name of the error: "[json.exception.…] parse error at line 1, …".
std::string WithoutName(const std::string& what) {
  constexpr std::string_view kMark = "parse error at ";
  const size_t mark = what.find(kMark);
  return mark == std::string::npos ? what : what.substr(mark + kMark.size());
}

absl::StatusOr<DatasetConfig> Parse(std::string_view text, const std::string& directory) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const size_t last = text.find_last_not_of(kSpace);
  if (last == std::string_view::npos) return Wrong("it is empty: expected a JSON object");
  DatasetConfig config;
  Json object;
  try {
    object = Json::parse(text);
  } catch (const Json::parse_error& error) {
    return Wrong("not JSON: " + WithoutName(error.what()));
  }
  LLMDYNO_RETURN_IF_ERROR(Read(object, directory, config));
  const size_t first = text.find_first_not_of(kSpace);
  config.json = text.substr(first, last + 1 - first);
  return config;
}

absl::StatusOr<DatasetConfig> InContext(const std::string& what, absl::StatusOr<DatasetConfig> config) {
  if (config.ok()) return config;
  return Wrong(what + ": " + std::string(config.status().message()));
}

}  // namespace

std::string_view ToString(DatasetSource source) {
  switch (source) {
    case DatasetSource::kHuggingFace:
      return "huggingface";
    case DatasetSource::kAime:
      return "aime";
    case DatasetSource::kCustom:
      return "custom";
    default:
      return "file";
  }
}

absl::StatusOr<DatasetConfig> ReadDatasetConfig(const std::string& path) {
  constexpr std::streamsize kMostBytes = 16 << 20;  // a configuration has a page; a dataset may have anything
  const auto cannot = [&](const std::string& why) {
    return Wrong("cannot read the dataset configuration '" + path + "': " + why);
  };
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return cannot(std::strerror(errno == 0 ? EIO : errno));
  std::string text(static_cast<size_t>(kMostBytes) + 1, '\0');
  file.read(text.data(), kMostBytes + 1);
  std::error_code unknown;
  if (file.bad() || fs::is_directory(path, unknown)) return cannot("it is no file");
  if (file.gcount() > kMostBytes) {
    return cannot("it has more than 16 MiB; a dataset itself is named with source.path of a configuration");
  }
  text.resize(static_cast<size_t>(file.gcount()));
  return InContext("the dataset configuration '" + path + "'",
                   Parse(text, fs::path(path).parent_path().string()));
}

absl::StatusOr<DatasetConfig> ParseDatasetConfig(std::string_view json_text, const std::string& directory) {
  return InContext("the dataset configuration", Parse(json_text, directory));
}

absl::StatusOr<DatasetConfig> MakeDatasetConfigOfKey(const std::string& key) {
  DatasetConfig config;
  Json json;
  if (key == ToString(DatasetSource::kAime)) {
    config.source = DatasetSource::kAime;
  } else if (Exists(key)) {
    config.path = key;
    config.prompt_column = "";
    json["source"]["path"] = key;
  } else {
    return absl::NotFoundError("the dataset '" + key +
                               "' is not known: expected 'aime', or the path of a file with prompts");
  }
  json["source"]["type"] = ToString(config.source);
  config.json = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return config;
}

}  // namespace llmdyno
