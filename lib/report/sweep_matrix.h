// The grid of a sweep over shapes: input lengths down, output lengths across, one table per batch size.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "report/sweep_entry.h"

namespace llmdyno {

struct ShapeMatrix {
  int64_t batch_size = 0;
  std::vector<int64_t> input_lengths;  // ascending, as are the others
  std::vector<int64_t> output_lengths;
  std::vector<std::vector<const Json*>> entries;  // [input][output]; null where the cell was not measured
};

// One per batch size; all have the lengths of the whole grid. The entries must outlive them.
std::vector<ShapeMatrix> ShapeMatrices(const std::vector<SweepEntry>& entries);

// The means of the metrics in these tables.
Json ShapeMatricesJson(const std::vector<ShapeMatrix>& matrices);

}  // namespace llmdyno
