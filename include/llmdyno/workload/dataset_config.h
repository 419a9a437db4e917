// What a dataset configuration says: a JSON file that names the rows to send and how they become prompts
// (docs/datasets.md, "Dataset configurations"). Sweeps read one (--dataset-config); LoadDataset loads what it
// names. Plain values and pure functions, reading files apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace llmdyno {

// Where the rows come from.
enum class DatasetSource {
  kFile,         // a local CSV, text or JSON file
  kHuggingFace,  // a set of the Hugging Face hub, or a local export of one
  kAime,         // contest problems: a local file, else a set of the hub
  kCustom,       // a workload of the catalog, or a plugin's
};
// "file", "huggingface", "aime", "custom".
std::string_view ToString(DatasetSource source);

// How many rows are read at most when nobody says how many.
inline constexpr int64_t kMostDatasetRows = 100'000;
// The same of kCustom.
inline constexpr int64_t kUsualCustomRows = 1'000;

struct DatasetConfig {
  DatasetSource source = DatasetSource::kFile;
  // A file that was looked for and found, or where it should have been; the name of a set on the hub; the
  // workload with its settings ("random:input_len=512"). May be empty with kAime.
  std::string path = "";
  bool is_local = false;         // kHuggingFace: `path` is a folder or a file of this machine
  std::string file_format = "";  // "csv", "txt", "json" or "jsonl"; empty: the file's suffix decides

  // Of huggingface_kwargs. Empty: the usual one.
  std::string split = "";
  std::string subset = "";  // its key is `name`
  std::string revision = "";

  std::string prompt_column = "text";    // empty: the first that a row has of those that are usual
  std::string image_column = "";         // empty: no pictures
  std::string prompt_template = "";      // "{context}\n\n{question}"; replaces prompt_column; empty: none
  std::string description = "";          // for people
  std::optional<int64_t> max_rows = {};  // reading stops there; unset: kMostDatasetRows, or kUsualCustomRows
  bool with_instruction = true;  // kAime: the sentence before the question; false for wordings that bring one

  // Prompts and pictures, base64 and all, may take so much memory together.
  int64_t most_bytes = 4'000'000'000;

  std::string json = "";  // the whole object as it was written, keys that nobody knows included
  // For people: keys that are ignored or look mistyped, a path that was found in another place.
  std::vector<std::string> notes = {};
};

// Reads a configuration. A relative source.path counts from the configuration's folder; when nothing lies
// there but something does in the current directory, that is taken, with a note. InvalidArgument with a
// sentence that names the file and the key: a file that cannot be read, is not JSON or no object, a value of
// the wrong type, an unknown source.type or file_format, a missing path, a template that cannot be.
absl::StatusOr<DatasetConfig> ReadDatasetConfig(const std::string& path);

// As ReadDatasetConfig, of a text. `directory` is what relative paths count from; empty: the current one.
// Errors are the same.
absl::StatusOr<DatasetConfig> ParseDatasetConfig(std::string_view json_text, const std::string& directory);

// What a bare name stands for: "aime", or the path of a file with prompts in one of the usual columns.
// NotFound when it is neither.
absl::StatusOr<DatasetConfig> MakeDatasetConfigOfKey(const std::string& key);

}  // namespace llmdyno
