// A dataset server made of a function: as many splits and rows as a test wants.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace llmdyno {

struct MadeAnswer {
  int status = 200;
  std::string body;
  int retry_after_seconds = 0;  // 0: no such header
};

// Answers as the real one does: https://huggingface.co/docs/dataset-viewer.
class MadeHub {
 public:
  using Json = nlohmann::ordered_json;
  struct Split {
    std::string subset;
    std::string name;
    int64_t rows = 0;
  };

  // `target` is a request's path with its query.
  MadeAnswer Answer(const std::string& target) {
    asked.push_back(target);
    if (answer_first) {
      if (auto answer = answer_first(target); answer.status != 0) return answer;
    }
    if (target.starts_with("/splits?")) return Splits(target);
    if (target.starts_with("/rows?")) return Rows(target);
    return {404, R"({"error":"Not Found"})"};
  }

  static std::string Query(const std::string& target, const std::string& key) {
    size_t begin = target.find("?" + key + "=");
    if (begin == std::string::npos) begin = target.find("&" + key + "=");
    if (begin == std::string::npos) return "";
    begin += key.size() + 2;
    return target.substr(begin, target.find('&', begin) - begin);
  }

  std::string dataset = "user%2Fset";
  std::vector<Split> splits = {{"default", "test", 30}, {"default", "train", 250}};
  std::function<Json(int64_t)> make_row = [](int64_t index) {
    return Json{{"text", "row " + std::to_string(index)}};
  };
  std::function<MadeAnswer(const std::string&)> answer_first;  // status 0: go on as usual
  Json extra = Json::object();                                 // more members of each page
  std::vector<std::string> asked;

 private:
  MadeAnswer Splits(const std::string& target) const {
    if (Query(target, "dataset") != dataset) return {404, R"({"error":"Not found."})"};
    Json list = Json::array();
    for (const Split& split : splits) {
      list.push_back({{"dataset", "user/set"}, {"config", split.subset}, {"split", split.name}});
    }
    return {200, Json{{"splits", list}, {"pending", Json::array()}, {"failed", Json::array()}}.dump()};
  }

  MadeAnswer Rows(const std::string& target) const {
    const int64_t offset = std::atoll(Query(target, "offset").c_str());
    const int64_t length = std::atoll(Query(target, "length").c_str());
    for (const Split& split : splits) {
      if (split.subset != Query(target, "config") || split.name != Query(target, "split")) continue;
      Json rows = Json::array();
      for (int64_t i = offset; i < std::min(split.rows, offset + std::min<int64_t>(length, 100)); ++i) {
        rows.push_back({{"row_idx", i}, {"row", make_row(i)}, {"truncated_cells", Json::array()}});
      }
      Json page = {{"features", Json::array()},
                   {"rows", rows},
                   {"num_rows_total", split.rows},
                   {"num_rows_per_page", 100},
                   {"partial", false}};
      page.update(extra);
      return {200, page.dump()};
    }
    return {404, R"({"error":"Not found."})"};
  }
};

}  // namespace llmdyno
