// One row of a dataset as named cells, whatever the file's format.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "workload/image_reader.h"

namespace llmdyno {

// Reads one row after the other. Not thread-safe.
class DatasetRecord {
 public:
  virtual ~DatasetRecord() = default;

  // Takes the place of the row before. The bytes behind it must be readable as far as simdjson wants them to
  // be, and the row must live until the last question about it. InvalidArgument: it cannot be read; NotFound:
  // it has no cells.
  virtual absl::Status Parse(std::string_view row) = 0;

  // Whether the row, or the file's header, has such a column; its cell may be empty. A row that is nothing
  // but a text has one column, "text".
  virtual bool Has(std::string_view column) const = 0;
  virtual std::vector<std::string> Columns() const = 0;

  // What a person would send: a text, or the first turn of a conversation; of a row that is nothing but a
  // text, that text, whatever the column. NotFound says why there is nothing.
  virtual absl::StatusOr<std::string> Prompt(std::string_view column) const = 0;
  // What goes into a template: a text, a number, or the JSON of anything else. Nothing without the column.
  virtual std::optional<std::string> Text(std::string_view column) const = 0;
  virtual absl::Status AddImages(std::string_view column, ImageReader& reader,
                                 ImageReader::Images& images) const = 0;
};

// Rows are objects, or strings, each of which is a prompt.
std::unique_ptr<DatasetRecord> MakeJsonRecord();
// Rows are prompts.
std::unique_ptr<DatasetRecord> MakeLineRecord();
// `header` is the file's first record.
absl::StatusOr<std::unique_ptr<DatasetRecord>> MakeCsvRecord(std::string_view header);

}  // namespace llmdyno
