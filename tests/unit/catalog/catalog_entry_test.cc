#include "llmdyno/catalog/catalog_entry.h"

#include <set>
#include <string>

#include "support/catch.h"

namespace llmdyno {
namespace {

// What a factory reads, as its error about a setting that it does not know lists it: "…; it takes path,
// speedup".
std::vector<std::string> SettingsRead(const absl::Status& refused) {
  constexpr std::string_view kBefore = "; it takes ";
  const std::string text(refused.message());
  INFO(text);
  const size_t at = text.find(kBefore);
  REQUIRE(at != std::string::npos);
  std::vector<std::string> names;
  for (std::string rest = text.substr(at + kBefore.size()); !rest.empty();) {
    const size_t comma = rest.find(", ");
    if (rest != "none") names.push_back(rest.substr(0, comma));
    rest = comma == std::string::npos ? "" : rest.substr(comma + 2);
  }
  return names;
}

template <typename Registry, typename... Context>
void CheckSettingsOf(const Registry& registry, const Context&... context) {
  for (const auto& entry : registry.entries()) {
    CAPTURE(registry.kind(), entry.name);
    const Params params{entry.name, {{"9", "1"}}};  // no name of a setting is near
    std::multiset<std::string> listed;
    for (const SettingHelp& setting : entry.settings) {
      listed.insert(setting.name);
      CHECK_FALSE(setting.help.empty());
    }
    const std::vector<std::string> read = SettingsRead(entry.factory(params, context...).status());
    CHECK(listed == std::multiset<std::string>(read.begin(), read.end()));
  }
}

TEST_CASE("Every setting that a built-in factory reads is listed with its entry, and no other", "[catalog]") {
  const Catalog catalog = MakeBuiltInCatalog();
  const auto counter = MakeEstimatingTokenCounter();
  const RunSpec run;
  const Diagnostics diagnostics;
  const ArrivalSchedule schedule;
  const std::string no_trace;
  CheckSettingsOf(catalog.workloads, WorkloadContext{run.workload, *counter, Rng(1), diagnostics});
  CheckSettingsOf(catalog.arrivals, ArrivalContext{schedule, Rng(1), no_trace, diagnostics});
  CheckSettingsOf(catalog.dialects, DialectContext{run, diagnostics});
  CheckSettingsOf(catalog.sinks, RecordSinkContext{"", TimePoint(), WallTime(), "{}", diagnostics});
  CheckSettingsOf(catalog.writers, diagnostics);
}

TEST_CASE("A catalog is listed kind after kind, in the words of its registries", "[catalog]") {
  std::vector<std::string> kinds;
  for (const CatalogEntry& entry : EntriesOf(MakeBuiltInCatalog())) {
    if (kinds.empty() || kinds.back() != entry.kind) kinds.push_back(entry.kind);
  }
  CHECK(kinds ==
        std::vector<std::string>{"workload", "arrival process", "dialect", "record sink", "report writer"});
}

}  // namespace
}  // namespace llmdyno
