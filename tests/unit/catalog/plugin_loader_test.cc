#include "llmdyno/catalog/plugin_loader.h"

#include <filesystem>
#include <fstream>

#include "catalog/plugin_library.h"
#include "llmdyno/load/arrival_process.h"
#include "llmdyno/testing/arrival_process_conformance.h"
#include "llmdyno/testing/request_source_conformance.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

namespace fs = std::filesystem;

std::string PathOf(const std::string& name) {
  return std::string(LLMDYNO_TEST_PLUGINS) + "/lib" + name + ".so";
}

// A catalog into which plugins are loaded.
struct Host {
  std::shared_ptr<PluginMonitor> monitor = std::make_shared<PluginMonitor>();
  PluginLoader loader{monitor};
  Catalog catalog = MakeBuiltInCatalog();
  std::string Load(const std::string& file) { return std::string(loader.Load(file, catalog).message()); }
};

absl::StatusOr<std::unique_ptr<RequestSource>> MakeWorkload(const Catalog& catalog, const std::string& text) {
  const auto counter = MakeEstimatingTokenCounter();
  const WorkloadSpec spec;
  const Diagnostics diagnostics;
  return catalog.workloads.Make(*Params::Parse(text), WorkloadContext{spec, *counter, Rng(1), diagnostics});
}

bool Holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("A plugin's entries are in the catalog once it is loaded, with their settings", "[plugins]") {
  Host host;
  REQUIRE(host.Load(PathOf("good")).empty());
  REQUIRE(host.loader.plugins().size() == 1);
  const PluginDescription& plugin = host.loader.plugins().front();
  CHECK(plugin.name == "good");
  CHECK(plugin.version == "1.2.3");
  CHECK(plugin.file == fs::canonical(PathOf("good")).string());
  REQUIRE(plugin.entries.size() == 2);
  CHECK(plugin.entries[0].kind == "workload");
  CHECK(plugin.entries[0].settings.at(0).default_value == "3");
  const auto source = MakeWorkload(host.catalog, "counting:words=2");
  REQUIRE(source.ok());
  const NextRequest next = (*source)->Next(TimePoint());
  CHECK(PromptText(std::get<Request>(next)) == "plugged word 0");
  CHECK(Holds(std::string(MakeWorkload(host.catalog, "counting:word=2").status().message()),
              "did you mean 'words'"));
}

TEST_CASE("What a plugin made keeps its library loaded when loader and catalog are gone", "[plugins]") {
  std::unique_ptr<RequestSource> source;
  {
    Host host;
    REQUIRE(host.Load(PathOf("good")).empty());
    source = *MakeWorkload(host.catalog, "counting");
  }
  CHECK(PromptText(std::get<Request>(source->Next(TimePoint()))) == "plugged word word 0");
}

TEST_CASE("Entries of plugins pass the conformance suites through their guards", "[plugins]") {
  Host host;
  REQUIRE(host.Load(PathOf("good")).empty());
  CHECK(CheckRequestSource([&] { return *MakeWorkload(host.catalog, "counting"); }).empty());
  const std::string no_trace;
  const Diagnostics diagnostics;
  const ArrivalSchedule schedule{.rate = {}, .requests = 7};
  const ArrivalContext context{schedule, Rng(1), no_trace, diagnostics};
  CHECK(CheckArrivalProcess([&] { return *host.catalog.arrivals.Make(*Params::Parse("pairs"), context); },
                            {.requests = 7})
            .empty());
  CHECK_FALSE(host.monitor->fault().has_value());
}

TEST_CASE("A file that is loaded twice adds its entries once", "[plugins]") {
  Host host;
  REQUIRE(host.Load(PathOf("good")).empty());
  CHECK(host.Load(std::string(LLMDYNO_TEST_PLUGINS) + "/../plugins/libgood.so").empty());
  CHECK(host.loader.plugins().size() == 1);
}

TEST_CASE("What cannot be loaded is said in a sentence with the file and what to do", "[plugins]") {
  Host host;
  const size_t workloads = host.catalog.workloads.entries().size();
  const auto refused = [&](const std::string& name, std::vector<std::string> parts) {
    const std::string sentence = host.Load(PathOf(name));
    INFO(name << ": " << sentence);
    parts.push_back("lib" + name + ".so");
    for (const std::string& part : parts) CHECK(Holds(sentence, part));
  };
  refused("other_abi", {"plugin ABI 42", "this program has plugin ABI 1", "build it again against llmdyno"});
  refused("other_version", {"built against llmdyno 0.0.9", LLMDYNO_HEADER_VERSION, "build it again"});
  refused("other_tag", {"absl-20200225", LLMDYNO_BUILD_TAG, "build it again"});
  refused("no_entry", {"no llmdyno_plugin_descriptor", "LLMDYNO_PLUGIN("});
  refused("undefined_symbol", {"forgotten::RegisterElsewhere(", "link it with"});
  refused("registers_nothing", {"registers nothing", "expected a workload"});
  refused("throwing", {"threw std::runtime_error: not today"});
  refused("not_there", {"does not exist"});
  CHECK(host.catalog.workloads.entries().size() == workloads);
  CHECK(host.loader.plugins().empty());
  // They were told as errors: no run is to be stopped by them.
  CHECK_FALSE(host.monitor->fault().has_value());
}

TEST_CASE("A file that is no shared library is told apart from one that is no plugin", "[plugins]") {
  Host host;
  const fs::path file = fs::temp_directory_path() / "llmdyno-no-library.so";
  std::ofstream(file) << "#!/bin/sh\n";
  CHECK(Holds(host.Load(file.string()), "is no shared library"));
  fs::remove(file);
  CHECK(Holds(host.Load(LLMDYNO_TEST_PLUGINS), "is a folder"));
  CHECK(Holds(host.Load(""), "named by its file"));
}

TEST_CASE("A name that is taken is refused with both that bring it, and nothing of the plugin is added",
          "[plugins]") {
  Host host;
  REQUIRE(host.Load(PathOf("good")).empty());
  const std::string sentence = host.Load(PathOf("same_names"));
  CHECK(Holds(sentence, "libsame_names.so"));
  CHECK(Holds(sentence, "the workload 'counting'"));
  CHECK(Holds(sentence, "libgood.so"));
  CHECK(host.loader.plugins().size() == 1);
}

TEST_CASE("Of a folder every plugin that fits is loaded, and each other file is a warning", "[plugins]") {
  Host host;
  std::vector<std::string> warnings;
  const Diagnostics diagnostics([&](Severity, std::string_view text) { warnings.emplace_back(text); });
  host.loader.LoadFolder(LLMDYNO_TEST_PLUGINS, host.catalog, diagnostics);
  std::vector<std::string> names;
  for (const PluginDescription& plugin : host.loader.plugins()) names.push_back(plugin.name);
  CHECK(names == std::vector<std::string>{"faulty", "good"});
  CHECK(warnings.size() == 8);  // other_abi, other_tag, other_version, no_entry, undefined_symbol,
                                // registers_nothing, same_names, throwing
  host.loader.LoadFolder("/no/such/folder", host.catalog, diagnostics);
  CHECK(warnings.size() == 8);
}

TEST_CASE("A descriptor of another minor version is refused, one of another patch is not", "[plugins]") {
  const auto check = [](const char* version) {
    LlmdynoPluginDescriptor descriptor{sizeof(LlmdynoPluginDescriptor),
                                       LLMDYNO_PLUGIN_ABI,
                                       version,
                                       LLMDYNO_BUILD_TAG,
                                       "p",
                                       "1",
                                       "",
                                       [](Catalog&) { return absl::OkStatus(); }};
    return CheckDescriptor(descriptor, "p.so").ok();
  };
  const std::string version = LLMDYNO_HEADER_VERSION;
  const std::string minor = version.substr(0, version.rfind('.'));
  CHECK(check((minor + ".97").c_str()));
  CHECK_FALSE(check("97.0.0"));
  CHECK_FALSE(check(""));
  CHECK_FALSE(check(nullptr));
}

}  // namespace
}  // namespace llmdyno
