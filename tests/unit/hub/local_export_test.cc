#include "llmdyno/hub/local_export.h"

#include <filesystem>

#include "support/catch.h"
#include "unit/report/temporary_folder.h"

using namespace llmdyno;
using Catch::Matchers::Contains;

namespace {

// A folder with these files, empty all of them.
class Export {
 public:
  explicit Export(const std::vector<std::string>& files) {
    for (const std::string& file : files) {
      std::filesystem::create_directories(std::filesystem::path(folder.File(file)).parent_path());
      folder.Write(file, "");
    }
  }
  // Names without the folder's.
  std::vector<std::string> Find(const std::string& split, const std::string& subset = "") const {
    const auto files = FindLocalExport(folder.path(), subset, split);
    if (!files.ok()) return {std::string(files.status().message())};
    std::vector<std::string> names;
    for (const std::string& file : *files) names.push_back(file.substr(folder.path().size() + 1));
    return names;
  }

  const TemporaryFolder folder;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("The file of a split is found by its name", "[local_export]") {
  const Export data({"train.jsonl", "test.csv", "dataset_info.json", "README.md"});
  CHECK(data.Find("train") == Texts{"train.jsonl"});
  CHECK(data.Find("test") == Texts{"test.csv"});
  CHECK(data.Find("") == Texts{"train.jsonl"});
  CHECK(data.Find("dev").at(0) ==
        "the folder '" + data.folder.path() + "' has no split 'dev'; there are 'test', 'train'");
}

TEST_CASE("The parts of a split come in their order", "[local_export]") {
  const Export data({"data/train-00001-of-00002.jsonl", "data/train-00000-of-00002.jsonl", "data/train.csv",
                     "data/validation-00000-of-00001.jsonl"});
  CHECK(data.Find("train") == Texts{"data/train-00000-of-00002.jsonl", "data/train-00001-of-00002.jsonl"});
  CHECK(data.Find("validation") == Texts{"data/validation-00000-of-00001.jsonl"});
}

TEST_CASE("Without a train split the first is taken, and a subset has its own folder", "[local_export]") {
  const Export data({"en/test.json", "fr/test.json", "validation.json"});
  CHECK(data.Find("") == Texts{"validation.json"});
  CHECK(data.Find("", "fr") == Texts{"fr/test.json"});
  CHECK(data.Find("test", "en") == Texts{"en/test.json"});
  CHECK(data.Find("", "de") == Texts{"validation.json"});  // the export of one subset
}

TEST_CASE("A file is itself, whatever the split", "[local_export]") {
  const Export data({"mine.jsonl"});
  CHECK(*FindLocalExport(data.folder.File("mine.jsonl"), "", "test") ==
        Texts{data.folder.File("mine.jsonl")});
}

TEST_CASE("Binary tables are refused with the way to export them", "[local_export]") {
  for (const char* file :
       {"data/train-00000-of-00001.parquet", "train/data-00000-of-00001.arrow", "train.Parquet"}) {
    const Export data({file, "dataset_dict.json"});
    CHECK_THAT(data.Find("train").at(0),
               Contains(file) && Contains("is a binary table") && Contains("to_json("));
  }
  const Export data({"a.parquet"});
  CHECK_THAT(std::string(FindLocalExport(data.folder.File("a.parquet"), "", "").status().message()),
             Contains("is a binary table"));
}

TEST_CASE("A folder with nothing to read says what was expected", "[local_export]") {
  CHECK_THAT(Export({"notes.md"}).Find("").at(0),
             Contains("holds no export of a dataset: expected files like train.jsonl"));
}
