#include "report/sweep_matrix.h"

#include <map>
#include <set>

#include "report/sweep_reading.h"

namespace llmdyno {
namespace {

Json MeansJson(const ShapeMatrix& matrix, const char* metric) {
  Json rows = Json::array();
  for (const auto& row : matrix.entries) {
    Json means = Json::array();
    for (const Json* entry : row) {
      means.push_back(entry != nullptr ? ValueOrNull(MeanStdAt(*entry, {metric}).mean) : Json(nullptr));
    }
    rows.push_back(means);
  }
  return rows;
}

}  // namespace

std::vector<ShapeMatrix> ShapeMatrices(const std::vector<SweepEntry>& entries) {
  std::set<int64_t> inputs;
  std::set<int64_t> outputs;
  std::map<int64_t, std::map<std::pair<int64_t, int64_t>, const Json*>> by_batch;
  for (const SweepEntry& entry : entries) {
    const auto cell = ParseShapeCell(entry.key);
    if (!cell) continue;
    inputs.insert(cell->input_tokens);
    outputs.insert(cell->output_tokens);
    by_batch[cell->batch_size][{cell->input_tokens, cell->output_tokens}] = &entry.json;
  }
  std::vector<ShapeMatrix> matrices;
  for (const auto& [batch_size, cells] : by_batch) {
    ShapeMatrix matrix{batch_size, {inputs.begin(), inputs.end()}, {outputs.begin(), outputs.end()}, {}};
    for (const int64_t input : inputs) {
      std::vector<const Json*>& row = matrix.entries.emplace_back();
      for (const int64_t output : outputs) {
        const auto found = cells.find({input, output});
        row.push_back(found == cells.end() ? nullptr : found->second);
      }
    }
    matrices.push_back(std::move(matrix));
  }
  return matrices;
}

Json ShapeMatricesJson(const std::vector<ShapeMatrix>& matrices) {
  Json json = Json::array();
  for (const ShapeMatrix& matrix : matrices) {
    Json table = {{"batch_size", matrix.batch_size},
                  {"input_lengths", matrix.input_lengths},
                  {"output_lengths", matrix.output_lengths}};
    for (const char* metric : {"prefill_time_s", "tpot_s", "e2e_s", "tokens_per_second"}) {
      table[metric] = MeansJson(matrix, metric);
    }
    json.push_back(table);
  }
  return json;
}

}  // namespace llmdyno
