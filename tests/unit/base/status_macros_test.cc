#include "llmdyno/base/status_macros.h"

#include <memory>
#include <string>

#include "support/catch.h"

namespace llmdyno {
namespace {

absl::StatusOr<std::unique_ptr<int>> MakeNumber(int value) {
  if (value < 0) return absl::InvalidArgumentError("negative");
  return std::make_unique<int>(value);
}

absl::StatusOr<int> Sum(int a, int b) {
  LLMDYNO_ASSIGN_OR_RETURN(const std::unique_ptr<int> first, MakeNumber(a));
  LLMDYNO_ASSIGN_OR_RETURN(const std::unique_ptr<int> second, MakeNumber(b));
  return *first + *second;
}

absl::Status Check(int value, int& passed) {
  LLMDYNO_RETURN_IF_ERROR(MakeNumber(value).status());
  ++passed;
  return absl::OkStatus();
}

TEST_CASE("The status macros pass errors up and values through", "[base][status_macros]") {
  CHECK(Sum(1, 2).value() == 3);
  CHECK(Sum(-1, 2).status().message() == "negative");
  CHECK(Sum(1, -2).status().message() == "negative");
  int passed = 0;
  CHECK(Check(1, passed).ok());
  CHECK_FALSE(Check(-1, passed).ok());
  CHECK(passed == 1);
}

}  // namespace
}  // namespace llmdyno
