// Every report writer keeps to the rules of report writers, and the check finds those that do not.
#include "llmdyno/testing/report_writer_conformance.h"

#include <stdexcept>

#include "llmdyno/catalog/catalog.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

using Sentences = std::vector<std::string>;
using Texts = std::vector<ResultText>;

// A writer made of one function.
class FunctionWriter final : public ReportWriter {
 public:
  using Script = std::function<absl::StatusOr<Texts>(const ResultDocument&)>;
  explicit FunctionWriter(Script script) : script_(std::move(script)) {}
  absl::StatusOr<Texts> Write(const ResultDocument& document) const override { return script_(document); }

 private:
  Script script_;
};

MakeReportWriter Of(const FunctionWriter::Script& script) {
  return [=] { return std::make_unique<FunctionWriter>(script); };
}

// Refuses what has no brace at its end, and else repeats the document: nothing is left out.
absl::StatusOr<Texts> Repeat(const ResultDocument& document) {
  if (!document.json.ends_with('}')) return absl::InvalidArgumentError("the result is no object");
  return Texts{{"result.txt", document.json}};
}

bool Mentions(const Sentences& sentences, const std::string& text) {
  return std::any_of(sentences.begin(), sentences.end(),
                     [&](const std::string& sentence) { return sentence.find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE("Every built-in report writer keeps to the rules", "[conformance]") {
  const Catalog catalog = MakeBuiltInCatalog();
  for (const std::string& name : catalog.writers.Names()) {
    DYNAMIC_SECTION(name) {
      const auto make = [&]() -> std::unique_ptr<ReportWriter> {
        auto writer = catalog.writers.Make(*Params::Parse(name), Diagnostics());
        INFO(writer.status().ToString());
        REQUIRE(writer.ok());
        return *std::move(writer);
      };
      CHECK(CheckReportWriter(make) == Sentences());
    }
  }
}

TEST_CASE("The sample results have both ways of a doubt in them", "[conformance]") {
  for (const ResultDocument& sample : SampleResults()) {
    INFO(sample.app);
    CHECK(sample.json.find("\"simulated\": false") != std::string::npos);
    CHECK(sample.json.find("\"valid\": true") != std::string::npos);
    CHECK(OddResults(sample).size() > 20);
  }
}

TEST_CASE("A report writer that breaks a rule is told which", "[conformance]") {
  CHECK(CheckReportWriter([] { return nullptr; }).front() == "no writer was made");
  CHECK(Mentions(CheckReportWriter(Of(Repeat)), "writes texts for what is no JSON"));
  CHECK(Mentions(CheckReportWriter(Of([](const ResultDocument&) -> absl::StatusOr<Texts> {
                   return absl::InvalidArgumentError("no");
                 })),
                 "without a sentence"));
  CHECK(CheckReportWriter(Of([](const ResultDocument&) -> absl::StatusOr<Texts> {
          return absl::InvalidArgumentError("this writer knows no result at all");
        })) == Sentences{"it writes none of the results"});
  CHECK(Mentions(CheckReportWriter(Of([](const ResultDocument&) { return Texts{}; })), "nor says why"));
  const auto always = [](const Texts& texts) {
    return CheckReportWriter(Of([=](const ResultDocument&) { return texts; }));
  };
  CHECK(Mentions(always({{"a/b.txt", "x"}}), "has a folder in it"));
  CHECK(Mentions(always({{"", "x"}}), "is empty or"));
  CHECK(Mentions(always({{"a.txt", "x"}, {"a.txt", "y"}}), "the same file name"));
  CHECK(Mentions(always({{"a.txt", "\xFF"}}), "not UTF-8"));
  CHECK(Mentions(always({{"a.txt", "TTFT: nan ms"}}), "said as NaN"));
  CHECK_FALSE(Mentions(always({{"a.txt", "TTFT: 12 nanoseconds"}}), "said as NaN"));
  CHECK(Mentions(always({{"a.txt", "fast"}}), "not called SIMULATED"));
  CHECK(Mentions(always({{"a.txt", "always simulated"}}), "not called SIMULATED"));
  CHECK(Mentions(always({{"a.txt", "fast"}}), "looks like a valid one"));
}

TEST_CASE("A report writer that throws or remembers is found out", "[conformance]") {
  CHECK(Mentions(CheckReportWriter(Of([](const ResultDocument& document) -> absl::StatusOr<Texts> {
                   if (document.json.find("1e+308") != std::string::npos)
                     throw std::out_of_range("too large");
                   return Repeat(document);
                 })),
                 "it throws: too large"));
  int64_t calls = 0;
  CHECK(Mentions(CheckReportWriter(Of([&](const ResultDocument&) {
                   return Texts{{"a.txt", std::to_string(calls++)}};
                 })),
                 "the same document gives other texts"));
}

TEST_CASE("A report writer that refuses a result of its author's own is found out", "[conformance]") {
  const ResultDocument own{"mine", R"({"mine": true})"};
  const auto refuses = Of([](const ResultDocument& document) -> absl::StatusOr<Texts> {
    if (document.app == "mine") return absl::InvalidArgumentError("this is nothing that it knows");
    return Repeat(document);
  });
  CHECK(Mentions(CheckReportWriter(refuses, {own}), "does not write a result of its own"));
  CHECK_FALSE(Mentions(CheckReportWriter(refuses), "does not write a result of its own"));
}
