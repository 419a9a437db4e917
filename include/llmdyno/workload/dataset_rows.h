// Rows of a dataset in memory: prompts, and pictures that go with them. Plain values. Loaders make them,
// preparers send them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace llmdyno {

// What one request is made of: a prompt, pictures, or both.
struct DatasetRow {
  std::string prompt;  // the template applied; may be empty when there is a picture
  // "data:image/png;base64,…", or a URL that the endpoint fetches; as in Message::image_urls.
  std::vector<std::shared_ptr<const std::string>> image_urls = {};
};

struct DatasetRows {
  std::vector<DatasetRow> rows;  // in the order of the dataset; at least one
  int64_t looked_at = 0;         // rows of the dataset, blank lines of a text are none
  int64_t skipped = 0;           // of these: nothing to send in them
  std::string first_skipped;     // "row 17: no column 'prompt'"; empty when none was skipped
};

}  // namespace llmdyno
