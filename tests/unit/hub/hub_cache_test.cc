#include "hub/hub_cache.h"

#include <filesystem>

#include "support/catch.h"
#include "unit/report/temporary_folder.h"

using namespace llmdyno;

namespace {

HubDatasetConfig Config(const std::string& dataset, const std::string& subset = "",
                        const std::string& split = "") {
  HubDatasetConfig config;
  config.dataset = dataset;
  config.subset = subset;
  config.split = split;
  config.settings.cache_directory = "/c";
  return config;
}

}  // namespace

TEST_CASE("Names become paths that stay below the cache and differ from one another", "[hub_cache]") {
  CHECK(CachePathOf(Config("user/set", "en", "train")).whole == "/c/datasets/user%2Fset/en/train.jsonl");
  CHECK(CachePathOf(Config("set")).whole == "/c/datasets/set/+usual/+usual.jsonl");
  CHECK(CachePathOf(Config("set")).first_rows == "/c/datasets/set/+usual/+usual+first-100000.jsonl");
  CHECK(CachePathOf(Config("..", "..", "../../x")).whole == "/c/datasets/%2E./%2E./..%2F..%2Fx.jsonl");
  CHECK(CachePathOf(Config("set", "+usual")).whole != CachePathOf(Config("set")).whole);
  HubDatasetConfig config = Config("set");
  config.image_column = "a picture";
  CHECK(CachePathOf(config).whole == "/c/datasets/set/+usual/+usual+with-a%20picture.jsonl");
  config.settings.server = "http://127.0.0.1:4000";
  CHECK(CachePathOf(config).whole ==
        "/c/datasets/http%3A%2F%2F127.0.0.1%3A4000/set/+usual/+usual+with-a%20picture.jsonl");
}

TEST_CASE("A file has its name only when it is whole", "[hub_cache]") {
  const TemporaryFolder folder;
  const HubCachePath path{folder.File("a/b/train.jsonl"), folder.File("a/b/train+first-2.jsonl")};
  {
    const auto writer = HubCacheWriter::Open(path);
    REQUIRE(writer.ok());
    CHECK((*writer)->WriteLine("{}").ok());
    CHECK_FALSE(FindCached(path));
  }
  CHECK(std::filesystem::is_empty(folder.File("a/b")));
  const auto writer = HubCacheWriter::Open(path);
  REQUIRE(writer.ok());
  CHECK((*writer)->WriteLine("{}").ok());
  CHECK((*writer)->Finish(path.first_rows).ok());
  CHECK(FindCached(path) == path.first_rows);
  CHECK(ReadAll(path.first_rows) == "{}\n");
}
