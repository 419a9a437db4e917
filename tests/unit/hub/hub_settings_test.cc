#include <map>

#include "llmdyno/hub/hub_dataset.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

HubSettings With(const std::map<std::string, std::string>& environment) {
  return HubSettings::FromEnvironment([&](const char* variable) -> const char* {
    const auto found = environment.find(variable);
    return found == environment.end() ? nullptr : found->second.c_str();
  });
}

}  // namespace

TEST_CASE("Nothing in the environment means the public hub without a token", "[hub_settings]") {
  const HubSettings settings = With({});
  CHECK(settings.server == "https://datasets-server.huggingface.co");
  CHECK(settings.hub == "https://huggingface.co");
  CHECK(settings.token.empty());
  CHECK(settings.cache_directory.empty());
}

TEST_CASE("HF_ENDPOINT stands in for the server, and HF_TOKEN is taken without line ends", "[hub_settings]") {
  const HubSettings settings =
      With({{"HF_ENDPOINT", "http://127.0.0.1:4000/ "}, {"HF_TOKEN", " hf_secret\n"}});
  CHECK(settings.server == "http://127.0.0.1:4000");
  CHECK(settings.hub == "http://127.0.0.1:4000");
  CHECK(settings.token.Reveal() == "hf_secret");
  CHECK(With({{"HF_ENDPOINT", "hub.example"}}).server == "https://hub.example");
  CHECK(With({{"HF_ENDPOINT", " "}}).server == HubSettings().server);
}

TEST_CASE("The cache lies where other caches lie", "[hub_settings]") {
  CHECK(With({{"HOME", "/home/a"}}).cache_directory == "/home/a/.cache/llmdyno");
  CHECK(With({{"HOME", "/home/a"}, {"XDG_CACHE_HOME", "/x"}}).cache_directory == "/x/llmdyno");
  CHECK(With({{"HOME", "/home/a"}, {"XDG_CACHE_HOME", "/x"}, {"HF_HOME", "/hf"}}).cache_directory ==
        "/hf/llmdyno");
}
