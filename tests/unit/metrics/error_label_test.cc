#include "llmdyno/metrics/error_label.h"

#include <set>

#include "made_record.h"
#include "support/catch.h"

using namespace llmdyno;

TEST_CASE("A refused request is labelled with its status", "[metrics][error_label]") {
  CHECK(ErrorLabel(Failed(OutcomeClass::kOverload, 503, "no room")) == "HTTP 503");
  CHECK(ErrorLabel(Failed(OutcomeClass::kOverload, 429)) == "HTTP 429");
  CHECK(ErrorLabel(Failed(OutcomeClass::kHttpStatus, 404)) == "HTTP 404");
}

TEST_CASE("All timeouts share one label", "[metrics][error_label]") {
  for (const auto cls : {OutcomeClass::kConnectTimeout, OutcomeClass::kFirstByteTimeout,
                         OutcomeClass::kIdleTimeout, OutcomeClass::kTotalTimeout}) {
    CHECK(ErrorLabel(Failed(cls, 200, "after 60 s")) == "Timeout");
  }
}

TEST_CASE("Every other class has a label of its own, and a success has none", "[metrics][error_label]") {
  CHECK(ErrorLabel(Outcome{}).empty());
  std::set<std::string> labels;
  for (int cls = 1; cls <= static_cast<int>(OutcomeClass::kCancelled); ++cls) {
    const std::string label = ErrorLabel(Failed(static_cast<OutcomeClass>(cls), std::nullopt, "a message"));
    CHECK_FALSE(label.empty());
    CHECK(label.find("message") == std::string::npos);
    labels.insert(label);
  }
  CHECK(labels.size() == 15 - 3 - 1);  // four timeouts are one, http_status and overload are one
}
