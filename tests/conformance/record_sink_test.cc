// Every record sink keeps to the rules of record sinks, and the check finds those that do not.
#include "llmdyno/testing/record_sink_conformance.h"

#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "llmdyno/catalog/catalog.h"
#include "llmdyno/core/record_log.h"
#include "llmdyno/metrics/run_metrics_builder.h"
#include "llmdyno/metrics/serving_metrics_builder.h"
#include "llmdyno/report/race_csv.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

using Sentences = std::vector<std::string>;

std::string TemporaryPath() {
  return (std::filesystem::temp_directory_path() / ("llmdyno-sink-" + std::to_string(::getpid()) + ".jsonl"))
      .string();
}

}  // namespace

TEST_CASE("The record log keeps to the rules", "[conformance]") {
  const std::string path = TemporaryPath();
  CHECK(CheckRecordSink([&] { return *OpenRecordLog(path, {}); }) == Sentences());
  std::filesystem::remove(path);
}

TEST_CASE("Every record sink of the catalog keeps to the rules", "[conformance]") {
  const Catalog catalog = MakeBuiltInCatalog();
  REQUIRE_FALSE(catalog.sinks.entries().empty());
  for (const std::string& name : catalog.sinks.Names()) {
    DYNAMIC_SECTION(name) {
      const std::string folder = TemporaryPath() + ".folder";
      std::filesystem::create_directories(folder);
      const Diagnostics quiet;
      const auto make = [&]() -> std::unique_ptr<RecordSink> {
        auto sink = catalog.sinks.Make(*Params::Parse(name), {folder, {}, {}, "{}", quiet});
        INFO(sink.status().ToString());
        REQUIRE(sink.ok());
        return *std::move(sink);
      };
      CHECK(CheckRecordSink(make) == Sentences());
      CHECK_FALSE(std::filesystem::is_empty(folder));
      std::filesystem::remove_all(folder);
    }
  }
}

TEST_CASE("The race CSV keeps to the rules, with texts and without", "[conformance]") {
  const std::string path = TemporaryPath();
  for (const bool save_text : {false, true}) {
    CHECK(CheckRecordSink([&] {
            return *OpenRaceCsv(
                {.path = path, .monotonic_origin = {}, .wall_origin = {}, .save_text = save_text});
          }) == Sentences());
  }
  std::filesystem::remove(path);
}

TEST_CASE("The metrics of a run keep to the rules", "[conformance]") {
  CHECK(CheckRecordSink([] { return std::make_unique<RunMetricsBuilder>(); }) == Sentences());
}

TEST_CASE("The metrics of a level keep to the rules, with details and goals and without", "[conformance]") {
  const ServingMetricsConfig demanding = {.first_token = FirstToken::kAnyChunk,
                                          .goodput = Goodput{.ttft = std::chrono::seconds(1)},
                                          .keep_details = true};
  for (const ServingMetricsConfig& config : {ServingMetricsConfig(), demanding}) {
    CHECK(CheckRecordSink([&] { return std::make_unique<ServingMetricsBuilder>(config); }) == Sentences());
  }
}

TEST_CASE("The record log keeps every odd record whole", "[conformance]") {
  const std::string path = TemporaryPath();
  const std::vector<RequestRecord> records = OddRecords();
  {
    auto log = OpenRecordLog(path, {});
    REQUIRE(log.ok());
    for (const RequestRecord& record : records) (*log)->OnRecord(record);
    REQUIRE((*log)->Close().ok());
  }
  size_t i = 0;
  const auto contents = ReadRecordLog(path, [&](const RequestRecord& read) {
    const RequestRecord& written = records.at(i++);
    CHECK(read.request_id == written.request_id);
    CHECK(read.outcome.cls == written.outcome.cls);
    CHECK(read.outcome.message == written.outcome.message);
    CHECK(read.outcome.retry_after == written.outcome.retry_after);
    CHECK(read.arrivals == written.arrivals);
    CHECK(read.output_tokens == written.output_tokens);
    CHECK(read.first_text_at == written.first_text_at);
    CHECK(read.finish_reason == written.finish_reason);
    CHECK(read.ended_at == written.ended_at);
  });
  INFO(contents.status().ToString());
  CHECK(contents.ok());
  CHECK(i == records.size());
  std::filesystem::remove(path);
}

TEST_CASE("A sink that throws or cannot close is found out", "[conformance]") {
  class Throwing final : public RecordSink {
   public:
    void OnRecord(const RequestRecord& record) override {
      if (record.outcome.cls == OutcomeClass::kEmpty) throw std::runtime_error("no token to divide by");
    }
  };
  CHECK(CheckRecordSink([] { return std::make_unique<Throwing>(); }) ==
        Sentences{"it throws: no token to divide by"});

  class FullDisk final : public RecordSink {
   public:
    void OnRecord(const RequestRecord&) override {}
    absl::Status Close() override { return absl::ResourceExhaustedError("disk full"); }
  };
  CHECK(CheckRecordSink([] { return std::make_unique<FullDisk>(); }) ==
        Sentences{"Close reports a problem: disk full"});
}
