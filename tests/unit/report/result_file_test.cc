#include "llmdyno/report/result_file.h"

#include <filesystem>

#include "support/catch.h"
#include "temporary_folder.h"

using namespace llmdyno;

TEST_CASE("A result file replaces the one before it as a whole", "[report][result_file]") {
  TemporaryFolder folder;
  const std::string path = folder.Write("results.json", "a longer text than the new one");
  REQUIRE(WriteResultFile(path, "new").ok());
  CHECK(ReadAll(path) == "new");
  CHECK_FALSE(std::filesystem::exists(path + ".tmp"));
}

TEST_CASE("A result file that cannot be written is an error with its path", "[report][result_file]") {
  const absl::Status status = WriteResultFile("/nonexistent/results.json", "new");
  CHECK_FALSE(status.ok());
  CHECK(status.message().find("/nonexistent/results.json") != absl::string_view::npos);
}
