// The pictures of a dataset in random order, like cards from a deck.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "llmdyno/base/random.h"
#include "llmdyno/core/request.h"
#include "llmdyno/workload/dataset_rows.h"

namespace llmdyno {

class PictureDeck {
 public:
  static bool HasPictures(const DatasetRows& dataset) {
    return std::any_of(dataset.rows.begin(), dataset.rows.end(),
                       [](const DatasetRow& row) { return !row.image_urls.empty(); });
  }

  // The dataset must have pictures and outlive the deck.
  PictureDeck(const DatasetRows& dataset, Rng rng) : rng_(rng) {
    for (const DatasetRow& row : dataset.rows) {
      if (!row.image_urls.empty()) rows_.push_back(&row);
    }
  }

  // Gives the message so many pictures: those of as many rows as it takes, and the prompts of these rows.
  void Deal(int64_t pictures, Message& message) {
    while (std::ssize(message.image_urls) < pictures) {
      if (next_ == 0) Shuffle(rows_, rng_);
      const DatasetRow& row = *rows_[next_];
      next_ = (next_ + 1) % rows_.size();
      if (!message.content.empty() && !row.prompt.empty()) message.content += ' ';
      message.content += row.prompt;
      const auto missing = static_cast<size_t>(pictures - std::ssize(message.image_urls));
      const size_t taken = std::min(missing, row.image_urls.size());
      message.image_urls.insert(message.image_urls.end(), row.image_urls.begin(),
                                row.image_urls.begin() + static_cast<std::ptrdiff_t>(taken));
    }
  }

 private:
  std::vector<const DatasetRow*> rows_;
  size_t next_ = 0;
  Rng rng_;
};

}  // namespace llmdyno
