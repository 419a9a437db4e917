#include "llmdyno/core/outcome.h"

#include <set>

#include "support/catch.h"

namespace llmdyno {
namespace {

TEST_CASE("Each outcome class has a name that is read back", "[core][outcome]") {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(OutcomeClass::kCancelled); ++i) {
    const auto cls = static_cast<OutcomeClass>(i);
    CHECK(ParseOutcomeClass(ToString(cls)) == cls);
    names.insert(ToString(cls));
  }
  CHECK(names.size() == 16);
  CHECK(names.contains("first_byte_timeout"));
  CHECK_FALSE(names.contains("unknown"));
}

TEST_CASE("An unknown outcome class is nothing", "[core][outcome]") {
  CHECK_FALSE(ParseOutcomeClass("OK"));
  CHECK_FALSE(ParseOutcomeClass(""));
  CHECK_FALSE(ParseOutcomeClass("unknown"));
}

TEST_CASE("Only kOk is ok", "[core][outcome]") {
  CHECK(Outcome{}.ok());
  Outcome cancelled;
  cancelled.cls = OutcomeClass::kCancelled;
  CHECK_FALSE(cancelled.ok());
}

}  // namespace
}  // namespace llmdyno
