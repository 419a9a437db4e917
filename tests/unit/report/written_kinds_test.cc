// The files that the library writes and no program of the tests does, for the check against docs/schemas.
#include <nlohmann/json.hpp>

#include "llmdyno/report/failure_log.h"
#include "llmdyno/report/qps_json.h"
#include "made_serving.h"
#include "support/catch.h"
#include "temporary_folder.h"

namespace llmdyno {

TEST_CASE("A level alone says all that is known about it", "[every_kind][report]") {
  const ServingReport report = MadeServingReport({MadeLevel({.failed = 10})});
  const std::string text = LevelResultJson(report);
  KeepWrittenText("level.json", text);
  const auto json = nlohmann::json::parse(text);
  CHECK(json["format"] == "llmdyno-level");
  CHECK(json["level"] == nlohmann::json::parse(QpsResultsJson(report))[0]);
}

TEST_CASE("The log of failures has a line for each failure and none for a success", "[every_kind][report]") {
  const TemporaryFolder folder;
  auto log = OpenFailureLog({.path = folder.File("failures.jsonl"), .monotonic_origin = kStart});
  REQUIRE(log.ok());
  (*log)->OnRecord(Make({.arrivals = {{.at = 1ms}}, .ended = 2ms}));
  (*log)->OnRecord(Make({.ended = 2ms, .outcome = Failed(OutcomeClass::kOverload, 503, "busy")}));
  (*log)->OnRecord(
      Make({.ended = 3ms, .outcome = Failed(OutcomeClass::kConnectFailed, std::nullopt, "refused")}));
  REQUIRE((*log)->Close().ok());
  const std::string text = ReadAll(folder.File("failures.jsonl"));
  const size_t second = text.find('\n') + 1;
  const auto busy = nlohmann::json::parse(text.substr(0, second));
  CHECK(busy["class"] == "overload");
  CHECK(busy["http_status"] == 503);
  CHECK(busy["after_s"] == 0.002);
  CHECK(nlohmann::json::parse(text.substr(second))["http_status"].is_null());
}

}  // namespace llmdyno
