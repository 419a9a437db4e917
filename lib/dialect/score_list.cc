#include "dialect/score_list.h"

#include <vector>

#include "dialect/json_members.h"

namespace llmdyno {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;
using simdjson::SUCCESS;

// What is returned beside a problem that has its own sentence.
constexpr error_code kProblem = simdjson::INCORRECT_TYPE;

class ScoreReader final : public ItemReader {
 public:
  void Begin() override { indexes_.clear(); }
  int64_t items() const override { return static_cast<int64_t>(indexes_.size()); }

  error_code Read(ondemand::value item, const ItemPlace& place, std::string& problem) override {
    ondemand::object object;
    if (item.get_object().get(object) != SUCCESS) {
      problem = ToString(place) + " is not an object";
      return kProblem;
    }
    int64_t index = 0;
    bool has_index = false;
    bool has_score = false;
    const auto read_member = [&](std::string_view name, ondemand::value value) {
      if (name == "index") {
        has_index = true;
        if (value.get_int64().get(index) == SUCCESS) return SUCCESS;
        problem = ToString(place) + ".index is not a whole number";
        return kProblem;
      }
      if (name != "relevance_score" && name != "score") return SUCCESS;
      has_score = true;
      const std::string_view token = value.raw_json_token();
      double score = 0;
      if (ReadFinite(value, score) == SUCCESS) return SUCCESS;
      problem = NotFinite(ToString(place) + "." + std::string(name), token);
      return kProblem;
    };
    if (auto error = ForEachMember(object, read_member)) return error;
    if (!has_index || !has_score) {
      problem = ToString(place) + (has_index ? " has no score" : ".index is missing");
      return kProblem;
    }
    indexes_.push_back(index);
    return SUCCESS;
  }

  void End(std::string_view list, std::string& problem) override {
    first_place_.assign(indexes_.size(), -1);
    const auto name = [&](int64_t position) {
      return ToString(ItemPlace{.list = list, .position = position}) + ".index";
    };
    for (int64_t position = 0; position < items(); ++position) {
      const int64_t index = indexes_[static_cast<size_t>(position)];
      if (index < 0 || index >= items()) {
        problem = name(position) + " is " + std::to_string(index) + ", but there are " +
                  std::to_string(items()) + " scores";
        return;
      }
      int64_t& first = first_place_[static_cast<size_t>(index)];
      if (first >= 0) {
        problem = name(position) + " is " + std::to_string(index) + ", and so is " + name(first);
        return;
      }
      first = position;
    }
  }

 private:
  std::vector<int64_t> indexes_;      // of the documents, in the order of the answer
  std::vector<int64_t> first_place_;  // for each document, where in the answer it is
};

}  // namespace

std::unique_ptr<ItemReader> MakeScoreReader() { return std::make_unique<ScoreReader>(); }

}  // namespace llmdyno
