// Where the texts of report writers go.
#include "cli/result_texts.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/catch.h"

using namespace llmdyno;

namespace {

namespace fs = std::filesystem;

struct Folder {
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string path =
      (fs::temp_directory_path() / ("llmdyno-texts-" + std::to_string(::getpid()))).string();
};

std::string Read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("Texts are put behind the prefix and their paths are taken from then on", "[report]") {
  const Folder folder;
  std::set<std::string> taken;
  REQUIRE(WriteResultTexts({{"a.md", "one"}, {"b.xml", "two"}}, folder.path + "/sweep.", taken).ok());
  CHECK(Read(folder.path + "/sweep.a.md") == "one");
  CHECK(Read(folder.path + "/sweep.b.xml") == "two");
  CHECK(taken == std::set<std::string>{folder.path + "/sweep.a.md", folder.path + "/sweep.b.xml"});
  // Another writer of the same run.
  CHECK(WriteResultTexts({{"a.md", "three"}}, folder.path + "/sweep.", taken).message() ==
        "it names a file 'a.md' that is there already, from this very run");
  CHECK(Read(folder.path + "/sweep.a.md") == "one");
  // A later run may.
  std::set<std::string> of_later_run;
  CHECK(WriteResultTexts({{"a.md", "three"}}, folder.path + "/sweep.", of_later_run).ok());
}

TEST_CASE("No text leaves its folder or takes the place of the result", "[report]") {
  const Folder folder;
  std::set<std::string> taken = {folder.path + "/summary.json"};
  for (const std::string& name : {std::string(), std::string("."), std::string(".."), std::string("../x"),
                                  std::string("/etc/x"), std::string("a\\b"), std::string("a\0b", 3)}) {
    INFO(name);
    const absl::Status status = WriteResultTexts({{"good.md", "x"}, {name, "x"}}, folder.path + "/", taken);
    CHECK(status.message().find("expected a name without a folder") != std::string::npos);
  }
  CHECK_FALSE(WriteResultTexts({{"summary.json", "x"}}, folder.path + "/", taken).ok());
  CHECK_FALSE(WriteResultTexts({{"a", "x"}, {"a", "y"}}, folder.path + "/", taken).ok());
  CHECK(fs::is_empty(folder.path));  // not even the good one
  CHECK_FALSE(WriteResultTexts({{"a", "x"}}, folder.path + "/none/", taken).ok());
}
