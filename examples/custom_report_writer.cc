// A report writer of one's own: a result as JUnit's XML, which CI systems show beside the unit tests. Each
// run or level is a test case; it fails when its verdict is SUSPECT.
//
//   custom_report_writer               checks it, and writes llmdyno's sample results
//   custom_report_writer RESULT.json   writes a stored result, or the one of a folder
//
// docs/extending.md goes through it step by step.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "llmdyno/llmdyno.h"
#include "llmdyno/report/stored_result.h"
#include "llmdyno/testing/report_writer_conformance.h"

namespace {

using namespace llmdyno;
using Json = nlohmann::ordered_json;

// Texts come from anywhere. XML 1.0 has no control characters, not even escaped.
std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return escaped;
}

// A member, or null: any of them may be missing.
const Json& In(const Json& json, const char* key) {
  static const Json kNull;
  if (!json.is_object()) return kNull;
  const auto found = json.find(key);
  return found == json.end() ? kNull : *found;
}

std::string TextOf(const Json& json, const std::string& otherwise) {
  return json.is_string() ? json.get<std::string>() : otherwise;
}

// One run or level: its name, and the object that has its verdict.
struct Case {
  std::string name;
  const Json* judged = nullptr;
};

std::vector<Case> CasesOf(const Json& result) {
  std::vector<Case> cases;
  const Json& results = In(result, "results");
  if (result.is_array() || results.is_array()) {  // of a benchmark of rates
    for (const Json& level : result.is_array() ? result : results) {
      cases.push_back({"level " + std::to_string(cases.size() + 1), &level});
    }
  } else if (results.is_object()) {  // of a sweep
    for (const auto& [key, entry] : results.items()) cases.push_back({key, &entry});
  } else if (In(result, "llmdyno").is_object()) {  // of vLLM's serving benchmark
    cases.push_back({"serving", &result["llmdyno"]});
  } else if (In(result, "metrics").is_object()) {
    cases.push_back({TextOf(In(result, "title"), "race"), &result});
  }
  return cases;
}

bool IsSimulated(const Json& result, const std::vector<Case>& cases) {
  bool is_simulated = In(In(result, "metadata"), "simulated") == Json(true);
  for (const Case& each : cases) is_simulated = is_simulated || In(*each.judged, "simulated") == Json(true);
  return is_simulated;
}

class JUnitWriter final : public ReportWriter {
 public:
  explicit JUnitWriter(std::string suite) : suite_(std::move(suite)) {}

  absl::StatusOr<std::vector<ResultText>> Write(const ResultDocument& document) const override {
    const Json result = Json::parse(document.json, nullptr, false);
    if (result.is_discarded()) return absl::InvalidArgumentError("junit: the result is not JSON");
    const std::vector<Case> cases = CasesOf(result);
    if (cases.empty()) return absl::InvalidArgumentError("junit: there is no run or level in the result");
    int failed = 0;
    std::string body;
    for (const Case& each : cases) {
      body += "  <testcase classname=\"" + Escaped(document.app) + "\" name=\"" + Escaped(each.name) + "\">";
      const Json& verdict = In(*each.judged, "verdict");
      if (In(verdict, "valid") == Json(false)) {
        ++failed;
        const Json& reasons = In(verdict, "reasons");
        const bool has_reason = reasons.is_array() && !reasons.empty();
        body += "<failure message=\"SUSPECT: " +
                Escaped(TextOf(has_reason ? reasons.front() : Json(), "no reason is given")) + "\"/>";
      } else if (!In(verdict, "valid").is_boolean()) {
        body += "<skipped message=\"nobody judged this run\"/>";  // absent is not the same as good
      }
      body += "</testcase>\n";
    }
    std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"" + Escaped(suite_) +
                      "\" tests=\"" + std::to_string(cases.size()) + "\" failures=\"" +
                      std::to_string(failed) + "\">\n";
    if (IsSimulated(result, cases)) {
      xml += "  <properties><property name=\"endpoint\" value=\"SIMULATED\"/></properties>\n";
    }
    return std::vector<ResultText>{{"junit.xml", xml + body + "</testsuite>\n"}};
  }

 private:
  const std::string suite_;
};

// --report junit:suite=nightly
absl::StatusOr<std::unique_ptr<ReportWriter>> MakeJUnit(const Params& params, const Diagnostics&) {
  std::string suite = "llmdyno";
  if (absl::Status status = ParamReader(params).Read("suite", suite).Finish(); !status.ok()) return status;
  return std::make_unique<JUnitWriter>(suite);
}

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "custom_report_writer: %s\n", std::string(status.message()).c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  Catalog catalog = MakeBuiltInCatalog();
  if (absl::Status added =
          catalog.writers.Add({"junit", "JUnit's XML for CI systems; suite=NAME", MakeJUnit});
      !added.ok()) {
    return Fail(added);
  }
  const auto writer = catalog.writers.Make(*Params::Parse("junit:suite=nightly"), Diagnostics());
  if (!writer.ok()) return Fail(writer.status());
  const auto violations = CheckReportWriter([] { return std::make_unique<JUnitWriter>("check"); });
  for (const std::string& sentence : violations) std::fprintf(stderr, "%s\n", sentence.c_str());
  if (!violations.empty()) return 1;
  std::fprintf(stderr, "the writer keeps to the rules\n");

  std::vector<ResultDocument> documents = SampleResults();
  if (argc > 1) {
    absl::StatusOr<ResultDocument> stored = ReadStoredResult(argv[1]);
    if (!stored.ok()) return Fail(stored.status());
    documents = {*std::move(stored)};
  }
  for (const ResultDocument& document : documents) {
    const auto texts = (*writer)->Write(document);
    if (!texts.ok()) return Fail(texts.status());
    for (const ResultText& text : *texts) std::fputs(text.text.c_str(), stdout);
  }
  return 0;
}
