#include "llmdyno/testing/report_writer_conformance.h"

#include <algorithm>
#include <cctype>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "testing/violations.h"

namespace llmdyno {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kOddText =
    "He said \"no\" | then\r\nleft; <b>*all*</b> `x` [a](b) \\ 'tis\t@me \xF0\x9F\x98\x80";

// Calls `change` for every value that is neither list nor object.
template <typename Change>
void ForEachLeaf(Json& json, const Change& change) {
  if (!json.is_structured()) return change(json);
  for (Json& member : json) ForEachLeaf(member, change);
}

// Sets every boolean of that name; says whether there was one.
bool SetAll(Json& json, const std::string& name, bool value) {
  bool found = false;
  if (json.is_object()) {
    for (auto& [key, member] : json.items()) {
      const bool is_it = key == name && member.is_boolean();
      if (is_it) member = value;
      found = SetAll(member, name, value) || is_it || found;
    }
  } else if (json.is_array()) {
    for (Json& member : json) found = SetAll(member, name, value) || found;
  }
  return found;
}

bool IsUtf8(const std::string& text) {
  // The writer of JSON looks at every byte.
  try {
    (void)Json(text).dump();
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

std::string LowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// As a word: "nanoseconds" is none.
bool HasNotANumber(const std::string& text) {
  const std::string lower = LowerCase(text);
  const auto is_word = [&](size_t at) {
    return at < lower.size() &&
           (std::isalnum(static_cast<unsigned char>(lower[at])) != 0 || lower[at] == '_');
  };
  for (size_t at = lower.find("nan"); at != std::string::npos; at = lower.find("nan", at + 1)) {
    if (!(at > 0 && is_word(at - 1)) && !is_word(at + 3)) return true;
  }
  return false;
}

bool IsSentence(const absl::Status& status) {
  return status.message().size() > 10 && status.message().find(' ') != std::string::npos;
}

using Texts = std::vector<ResultText>;

bool AreSame(const Texts& a, const Texts& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const ResultText& x, const ResultText& y) {
    return x.file_name == y.file_name && x.text == y.text;
  });
}

class Checker {
 public:
  Checker(const MakeReportWriter& make, Violations& found) : make_(make), found_(found) {}

  // What a fresh writer makes of the document; nothing when it refuses. Whatever is wrong is noted.
  std::optional<Texts> Write(const ResultDocument& document) {
    const std::unique_ptr<ReportWriter> writer = make_();
    if (!found_.Expect(writer != nullptr, "no writer was made")) return std::nullopt;
    try {
      const absl::StatusOr<Texts> texts = writer->Write(document);
      if (!texts.ok()) {
        found_.Expect(absl::IsInvalidArgument(texts.status()) && IsSentence(texts.status()),
                      "what it cannot write it refuses without a sentence (InvalidArgument)");
        return std::nullopt;
      }
      CheckTexts(*texts);
      const absl::StatusOr<Texts> again = writer->Write(document);
      found_.Expect(again.ok() && AreSame(*texts, *again), "the same document gives other texts");
      return *texts;
    } catch (const std::exception& problem) {
      found_.Expect(false, std::string("it throws: ") + problem.what());
      return std::nullopt;
    }
  }

  void CheckRefused(const std::string& no_json) {
    found_.Expect(!Write({"llmdyno-race", no_json}), "it writes texts for what is no JSON");
  }

  // `texts` are those of the document as it is.
  void CheckDoubts(const ResultDocument& document, const Texts& texts) {
    Json simulated = Json::parse(document.json);
    if (SetAll(simulated, "simulated", true)) {
      if (const auto said = Write({document.app, simulated.dump()})) {
        const bool all_say = std::all_of(said->begin(), said->end(), [](const ResultText& text) {
          return LowerCase(text.text).find("simulated") != std::string::npos;
        });
        found_.Expect(all_say && !AreSame(*said, texts),
                      "a simulated result is not called SIMULATED in every text");
      }
    }
    Json suspect = Json::parse(document.json);
    if (SetAll(suspect, "valid", false)) {
      const auto said = Write({document.app, suspect.dump()});
      found_.Expect(said && !AreSame(*said, texts), "a SUSPECT result looks like a valid one");
    }
  }

 private:
  void CheckTexts(const Texts& texts) {
    found_.Expect(!texts.empty(), "it neither writes a text nor says why");
    std::set<std::string> names;
    for (const ResultText& text : texts) {
      const std::string& name = text.file_name;
      found_.Expect(!name.empty() && name != "." && name != ".." &&
                        name.find_first_of("/\\") == std::string::npos &&
                        name.find('\0') == std::string::npos,
                    "a file name is empty or has a folder in it");
      found_.Expect(names.insert(name).second, "two texts have the same file name");
      found_.Expect(IsUtf8(name) && IsUtf8(text.text), "a text is not UTF-8");
      found_.Expect(!HasNotANumber(text.text), "what is absent is said as NaN");
    }
  }

  const MakeReportWriter& make_;
  Violations& found_;
};

}  // namespace

std::vector<ResultDocument> OddResults(const ResultDocument& sample) {
  const Json good = Json::parse(sample.json, nullptr, false);
  std::vector<ResultDocument> odd;
  const auto add = [&](const Json& json) { odd.push_back({sample.app, json.dump()}); };
  const auto add_with = [&](const auto& change) {
    Json json = good;
    ForEachLeaf(json, change);
    add(json);
  };
  for (const char* text : {"{}", "[]", "null", "true", "7", "\"text\"", "[[],[]]", "[null]"}) {
    odd.push_back({sample.app, text});
  }
  if (good.is_discarded()) return odd;
  add_with([](Json& leaf) { leaf = nullptr; });
  add_with([](Json& leaf) { leaf = kOddText; });
  add_with([](Json& leaf) { leaf = Json::array(); });
  add_with([](Json& leaf) { leaf = Json::object(); });
  for (const double number : {0.0, -0.0, 1e308, -1e308, 5e-324}) {
    add_with([&](Json& leaf) { leaf = leaf.is_number() ? Json(number) : leaf; });
  }
  for (const Json& number : {Json(INT64_MAX), Json(INT64_MIN), Json(UINT64_MAX)}) {
    add_with([&](Json& leaf) { leaf = leaf.is_number() ? number : leaf; });
  }
  add_with([](Json& leaf) { leaf = leaf.is_string() ? Json(kOddText) : leaf; });
  add_with([](Json& leaf) { leaf = leaf.is_string() ? Json("") : leaf; });
  add_with([](Json& leaf) { leaf = leaf.is_string() ? Json(std::string(100'000, 'x')) : leaf; });
  if (good.is_object()) {
    for (const auto& [key, unused] : good.items()) {
      Json without = good;
      without.erase(key);
      add(without);
      for (const Json& other :
           {Json(nullptr), Json(1), Json("text"), Json::array(), Json::object(), Json({1, "a"})}) {
        Json changed = good;
        changed[key] = other;
        add(changed);
      }
    }
  }
  odd.push_back({"", sample.json});
  odd.push_back({"a program that nobody knows", sample.json});
  return odd;
}

std::vector<std::string> CheckReportWriter(const MakeReportWriter& make,
                                           const std::vector<ResultDocument>& own) {
  Violations found;
  Checker checker(make, found);
  std::vector<ResultDocument> documents = SampleResults();
  documents.insert(documents.end(), own.begin(), own.end());
  size_t written = 0;
  for (size_t i = 0; i < documents.size(); ++i) {
    const ResultDocument& document = documents[i];
    const auto texts = checker.Write(document);
    const bool is_own = i + own.size() >= documents.size();
    if (is_own) found.Expect(texts.has_value(), "it does not write a result of its own");
    if (texts) {
      ++written;
      checker.CheckDoubts(document, *texts);
    }
    for (const ResultDocument& odd : OddResults(document)) (void)checker.Write(odd);
    checker.CheckRefused(document.json.substr(0, document.json.size() / 2));
  }
  found.Expect(written > 0, "it writes none of the results");
  for (const char* text : {"", " ", "no JSON", "{", "\xFF\xFE", "{\"a\": NaN}"}) checker.CheckRefused(text);
  return found.Take();
}

}  // namespace llmdyno
