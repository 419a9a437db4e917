#include "llmdyno/workload/load_dataset_rows.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/workload/aime_dataset.h"
#include "llmdyno/workload/prompt_template.h"
#include "workload/dataset_record.h"
#include "workload/row_file.h"
#include "workload/row_parser.h"

namespace llmdyno {
namespace {

constexpr std::string_view kDefaultColumn = "text";

// "csv", "txt", "json" or "jsonl".
absl::StatusOr<std::string> FormatOf(const DatasetConfig& config, const std::string& path) {
  if (!config.file_format.empty()) return config.file_format;
  std::string suffix = std::filesystem::path(path).extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  if (suffix == ".csv" || suffix == ".txt" || suffix == ".json" || suffix == ".jsonl")
    return suffix.substr(1);
  return absl::InvalidArgumentError("the format of the dataset '" + path + "' is not known by its suffix '" +
                                    suffix +
                                    "': expected .csv, .txt, .json or .jsonl, or source.file_format");
}

RowShape RowShapeOf(std::string_view format) {
  if (format == "csv") return RowShape::kCsv;
  return format == "txt" ? RowShape::kLines : RowShape::kJson;
}

// The columns in which a prompt is looked for, best first.
std::vector<std::string> PromptColumns(const DatasetConfig& config) {
  if (config.source == DatasetSource::kAime) {
    std::vector<std::string> columns = {"Question", "question", "problem"};
    if (config.prompt_column != kDefaultColumn && !config.prompt_column.empty()) {
      columns.insert(columns.begin(), config.prompt_column);
    }
    return columns;
  }
  if (!config.prompt_column.empty()) return {config.prompt_column};
  std::vector<std::string> columns = PromptFields("");
  columns.insert(columns.end(), {"Question", "problem"});
  return columns;
}

// Columns of a dataset whose rows may differ.
class ColumnSet {
 public:
  bool Has(std::string_view column) const {
    return std::find(names_.begin(), names_.end(), column) != names_.end();
  }
  void Add(const std::vector<std::string>& names) {
    constexpr size_t kMost = 1000;  // rows that are keyed by their contents have no columns worth a list
    for (const std::string& name : names) {
      if (names_.size() < kMost && !Has(name)) names_.push_back(name);
    }
  }
  // "its columns are 'a' and 'b'".
  std::string Describe() const {
    constexpr size_t kShown = 40;
    if (names_.empty()) return "it has no columns";
    std::string text = names_.size() == 1 ? "its only column is " : "its columns are ";
    for (size_t i = 0; i < std::min(kShown, names_.size()); ++i) {
      text += (i == 0 ? "'" : ", '") + names_[i] + "'";
    }
    return names_.size() > kShown ? text + ", …" : text;
  }

 private:
  std::vector<std::string> names_;
};

// Collects the rows of one set, whatever number of files it lies in.
class RowLoader {
 public:
  RowLoader(const DatasetConfig& config, const Diagnostics& diagnostics)
      : config_(config),
        diagnostics_(diagnostics),
        prompt_columns_(PromptColumns(config)),
        most_rows_(config.max_rows.value_or(kMostDatasetRows)) {}

  absl::Status Begin() {
    if (config_.prompt_template.empty()) return absl::OkStatus();
    LLMDYNO_ASSIGN_OR_RETURN(template_, PromptTemplate::Parse(config_.prompt_template));
    return absl::OkStatus();
  }

  absl::Status Load(const std::string& path) {
    path_ = path;
    LLMDYNO_ASSIGN_OR_RETURN(const std::string format, FormatOf(config_, path));
    LLMDYNO_ASSIGN_OR_RETURN(const std::unique_ptr<RowFile> file, RowFile::Open(path, RowShapeOf(format)));
    std::unique_ptr<DatasetRecord> record = format == "txt" ? MakeLineRecord() : MakeJsonRecord();
    if (format == "csv") {
      LLMDYNO_ASSIGN_OR_RETURN(const std::optional<std::string_view> header, file->Next());
      if (!header) return absl::OkStatus();
      auto csv = MakeCsvRecord(*header);
      if (!csv.ok()) return InFile("the header: " + std::string(csv.status().message()));
      record = *std::move(csv);
      columns_.Add(record->Columns());
      LLMDYNO_RETURN_IF_ERROR(CheckColumns());  // before a large file is read for nothing
    }
    ImageReader images(std::filesystem::path(path).parent_path().string());
    LLMDYNO_RETURN_IF_ERROR(ReadRows(*file, *record, images));
    image_bytes_before_ += images.bytes();
    return absl::OkStatus();
  }

  bool is_full() const { return is_full_; }

  absl::StatusOr<DatasetRows> Finish(const std::string& name) {
    if (rows_.looked_at == 0) return InFile("it has no rows");
    LLMDYNO_RETURN_IF_ERROR(CheckColumns());
    if (rows_.rows.empty()) {
      return InFile("nothing in it can be sent; " + rows_.first_skipped +
                    (rows_.skipped == 1 ? "" : " (the first of " + WithThousands(rows_.skipped) + ")"));
    }
    Say(name);
    return std::move(rows_);
  }

 private:
  absl::Status InFile(const std::string& what) const {
    return absl::InvalidArgumentError("the dataset '" + path_ + "': " + what);
  }
  absl::Status InRow(const RowFile& file, const absl::Status& status) const {
    std::string what = "row " + std::to_string(file.row_number()) + ": " + std::string(status.message());
    const bool is_no_json = status.message().find("not valid JSON") == 0;
    if (is_no_json && !file.is_array()) what += "; expected a list of rows, or a JSON object on each line";
    return InFile(what);
  }

  absl::Status ReadRows(RowFile& file, DatasetRecord& record, ImageReader& images) {
    while (true) {
      LLMDYNO_ASSIGN_OR_RETURN(const std::optional<std::string_view> text, file.Next());
      if (!text) break;
      is_full_ = std::ssize(rows_.rows) == most_rows_;
      if (is_full_) return absl::OkStatus();
      ++rows_.looked_at;
      DatasetRow row;
      absl::Status status = record.Parse(*text);
      if (status.ok()) status = Read(record, images, row);
      if (absl::IsNotFound(status)) {
        Skip(file, status);
        continue;
      }
      if (!status.ok()) return InRow(file, status);
      text_bytes_ += static_cast<int64_t>(row.prompt.size());
      if (text_bytes_ + image_bytes_before_ + images.bytes() > config_.most_bytes) return TooLarge(file);
      rows_.rows.push_back(std::move(row));
    }
    if (file.has_text_behind_array()) {
      diagnostics_.Warn(path_ + ": the array is followed by more text, which is not used");
    }
    if (file.is_array() && !file.array_is_closed()) {
      diagnostics_.Warn(path_ + ": the array is not closed: the file may be cut");
    }
    return absl::OkStatus();
  }

  absl::Status Read(const DatasetRecord& record, ImageReader& images, DatasetRow& row) {
    columns_.Add(record.Columns());
    absl::StatusOr<std::string> prompt = ReadPrompt(record);
    if (prompt.ok()) has_prompts_ = true;
    if (!config_.image_column.empty()) {
      const absl::Status status = record.AddImages(config_.image_column, images, row.image_urls);
      if (!status.ok()) {
        return absl::InvalidArgumentError("column '" + config_.image_column +
                                          "': " + std::string(status.message()));
      }
      if (row.image_urls.empty()) ++without_image_;
    }
    // A picture alone can be sent, too.
    if (!prompt.ok() && row.image_urls.empty()) return prompt.status();
    row.prompt = std::move(prompt).value_or("");
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> ReadPrompt(const DatasetRecord& record) const {
    if (template_) return FillTemplate(record);
    absl::Status status;
    for (const std::string& column : prompt_columns_) {
      absl::StatusOr<std::string> prompt = record.Prompt(column);
      if (prompt.ok()) return WithInstruction(*std::move(prompt));
      // An empty cell says more than a missing column.
      if (status.ok() || record.Has(column)) status = prompt.status();
    }
    if (prompt_columns_.size() == 1 || status.message().find("no column") != 0) return status;
    return absl::NotFoundError("no column " + AnyOf(prompt_columns_));
  }

  // A template of which nothing is filled in would be the same prompt again and again.
  absl::StatusOr<std::string> FillTemplate(const DatasetRecord& record) const {
    bool has_text = false;
    absl::StatusOr<std::string> prompt = template_->Fill([&](std::string_view column) {
      std::optional<std::string> text = record.Text(column);
      has_text = has_text || (text && text->find_first_not_of(" \t\r\n") != std::string::npos);
      return text;
    });
    if (prompt.ok() && !has_text) return absl::NotFoundError("nothing in the columns of the template");
    return prompt;
  }

  std::string WithInstruction(std::string question) const {
    if (config_.source != DatasetSource::kAime || !config_.with_instruction) return question;
    return std::string(kAimeInstruction) + "\n\n" + question;
  }

  void Skip(const RowFile& file, const absl::Status& status) {
    if (++rows_.skipped > 1) return;
    rows_.first_skipped = "row " + std::to_string(file.row_number()) + ": " + std::string(status.message());
  }

  absl::Status TooLarge(const RowFile& file) const {
    constexpr double kGigabyte = 1e9;
    char limit[32];
    std::snprintf(limit, sizeof limit, "%.3g GB", static_cast<double>(config_.most_bytes) / kGigabyte);
    return InFile("its prompts and pictures are larger than " + std::string(limit) + " at row " +
                  std::to_string(file.row_number()) +
                  ", all of them held in memory: expected a max_rows of " +
                  WithThousands(std::ssize(rows_.rows)) + " or less");
  }

  // That each column which the configuration names was seen.
  absl::Status CheckColumns() const {
    const auto missing = [&](const std::string& which, const std::string& named) {
      return InFile("it has no column " + which + named + "; " + columns_.Describe());
    };
    if (!config_.image_column.empty() && !columns_.Has(config_.image_column)) {
      return missing("'" + config_.image_column + "'", ", which image_column names");
    }
    if (template_) {
      for (const std::string& column : template_->columns()) {
        if (!columns_.Has(column)) return missing("'" + column + "'", ", which prompt_template names");
      }
      return absl::OkStatus();
    }
    const bool any = has_prompts_ || std::any_of(prompt_columns_.begin(), prompt_columns_.end(),
                                                 [&](const std::string& name) { return columns_.Has(name); });
    // With pictures, nobody need have thought of prompts.
    const bool may_lack = !config_.image_column.empty() && config_.prompt_column == kDefaultColumn;
    if (any || may_lack) return absl::OkStatus();
    return missing(AnyOf(prompt_columns_), "");
  }

  // "prompts.csv: 1,234 rows, 3 skipped (the first: row 17: nothing in column 'prompt')".
  void Say(const std::string& name) const {
    std::string text =
        name + ": " + WithThousands(std::ssize(rows_.rows)) + (rows_.rows.size() == 1 ? " row" : " rows");
    if (rows_.skipped > 0) {
      text += ", " + WithThousands(rows_.skipped) + " skipped (the first: " + rows_.first_skipped + ")";
    }
    if (is_full_) text += "; reading stopped there (max_rows), there are more";
    diagnostics_.Note(text);
    if (without_image_ == 0) return;
    diagnostics_.Warn(name + ": " + WithThousands(without_image_) + " of " + WithThousands(rows_.looked_at) +
                      " rows have no picture in column '" + config_.image_column + "'");
  }

  const DatasetConfig& config_;
  const Diagnostics& diagnostics_;
  const std::vector<std::string> prompt_columns_;
  const int64_t most_rows_;
  std::optional<PromptTemplate> template_;
  std::string path_;  // of the file that is being read
  ColumnSet columns_;
  DatasetRows rows_;
  bool has_prompts_ = false;
  bool is_full_ = false;
  int64_t without_image_ = 0;
  int64_t text_bytes_ = 0;
  int64_t image_bytes_before_ = 0;  // of the files before this one
};

}  // namespace

absl::StatusOr<DatasetRows> LoadDatasetRows(const DatasetConfig& config, const Diagnostics& diagnostics) {
  return LoadDatasetRows(config, std::span(&config.path, 1), diagnostics);
}

absl::StatusOr<DatasetRows> LoadDatasetRows(const DatasetConfig& config, std::span<const std::string> files,
                                            const Diagnostics& diagnostics) {
  if (files.empty() || files.front().empty()) {
    return absl::InvalidArgumentError("no dataset file is named: expected source.path");
  }
  RowLoader loader(config, diagnostics);
  LLMDYNO_RETURN_IF_ERROR(loader.Begin());
  for (const std::string& file : files) {
    if (!loader.is_full()) LLMDYNO_RETURN_IF_ERROR(loader.Load(file));
  }
  std::string name = std::filesystem::path(files.front()).filename().string();
  if (files.size() > 1) name += " and " + WithThousands(std::ssize(files) - 1) + " more";
  return loader.Finish(name);
}

}  // namespace llmdyno
