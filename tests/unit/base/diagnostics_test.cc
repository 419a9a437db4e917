#include "llmdyno/base/diagnostics.h"

#include <vector>

#include "support/catch.h"

namespace llmdyno {
namespace {

TEST_CASE("Diagnostics hands notes and warnings to its callback", "[base][diagnostics]") {
  std::vector<std::pair<Severity, std::string>> heard;
  const Diagnostics diagnostics(
      [&](Severity severity, std::string_view text) { heard.emplace_back(severity, std::string(text)); });
  diagnostics.Note("a note");
  diagnostics.Warn("a warning");
  CHECK(heard == std::vector<std::pair<Severity, std::string>>{{Severity::kNote, "a note"},
                                                               {Severity::kWarning, "a warning"}});
}

TEST_CASE("Diagnostics without a callback swallows everything", "[base][diagnostics]") {
  const Diagnostics diagnostics;
  diagnostics.Note("nobody hears this");
  diagnostics.Warn("nor this");
  SUCCEED();
}

}  // namespace
}  // namespace llmdyno
