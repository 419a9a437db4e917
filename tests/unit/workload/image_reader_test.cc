#include "workload/image_reader.h"

#include "absl/strings/escaping.h"
#include "support/catch.h"
#include "unit/report/temporary_folder.h"

using namespace llmdyno;
using Catch::Matchers::Contains;

namespace {

const std::string kPng = "\x89PNG\r\n\x1a\nrest of a picture, long enough";
const std::string kGif = "GIF89a rest of a picture, long enough to be one";
const std::string kWebp = "RIFF1234WEBP rest of a picture, long enough to be one";
const std::string kJpeg = "\xff\xd8\xff\xe0 rest of a picture, long enough";

std::vector<std::string> Read(const std::string& json, const std::string& directory = "") {
  simdjson::dom::parser parser;
  ImageReader reader(directory);
  ImageReader::Images images;
  const simdjson::padded_string text(json);
  const absl::Status status = reader.Add(JsonValue(parser.parse(text)), images);
  if (!status.ok()) return {std::string(status.message())};
  std::vector<std::string> urls;
  for (const auto& image : images) urls.push_back(*image);
  return urls;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("The kind of a picture is known by its first bytes", "[image_reader]") {
  CHECK(ImageTypeOf(kPng) == "image/png");
  CHECK(ImageTypeOf(kJpeg) == "image/jpeg");
  CHECK(ImageTypeOf(kGif) == "image/gif");
  CHECK(ImageTypeOf(kWebp) == "image/webp");
  for (const char* other : {"", "RIFF1234WAVE", "BM", "<svg>", "GIF88a"}) CHECK(ImageTypeOf(other).empty());
}

TEST_CASE("Addresses stay what they are", "[image_reader]") {
  for (const char* url : {"https://host/a.png?x=1", "HTTP://host/a", "data:image/png;base64,AAAA"}) {
    CHECK(Read("\"" + std::string(url) + "\"") == Texts{url});
    CHECK(Read("{\"src\": \"" + std::string(url) + "\", \"height\": 3, \"width\": 4}") == Texts{url});
    CHECK(Read("{\"url\": \"" + std::string(url) + "\"}") == Texts{url});
  }
}

TEST_CASE("Bare base64 becomes an address of the right kind", "[image_reader]") {
  for (const auto& [bytes, type] : std::vector<std::pair<std::string, std::string>>{
           {kPng, "png"}, {kJpeg, "jpeg"}, {kGif, "gif"}, {kWebp, "webp"}}) {
    const std::string base64 = absl::Base64Escape(bytes);
    const std::string url = "data:image/" + type + ";base64," + base64;
    CHECK(Read("\"" + base64 + "\"") == Texts{url});
    CHECK(Read("{\"bytes\": \"" + base64 + "\", \"path\": \"none.png\"}") == Texts{url});
    // As mail programs break it.
    CHECK(Read("\"" + base64.substr(0, 40) + "\\n" + base64.substr(40) + "\"") == Texts{url});
  }
}

TEST_CASE("A path beside bytes that are null is a file", "[image_reader]") {
  const TemporaryFolder folder;
  folder.Write("a.png", kPng);
  const Texts expected = {"data:image/png;base64," + absl::Base64Escape(kPng)};
  CHECK(Read(R"({"bytes": null, "path": "a.png"})", folder.path()) == expected);
  CHECK(Read(R"({"path": "a.png"})", folder.path()) == expected);
  CHECK(Read("\"" + folder.File("a.png") + "\"") == expected);
  CHECK(Read("\"file://" + folder.File("a.png") + "\"") == expected);
}

TEST_CASE("A list of pictures is all of them, and null is none", "[image_reader]") {
  CHECK(Read(R"(["http://a", {"src": "http://b"}, null, ["http://c"]])") ==
        Texts{"http://a", "http://b", "http://c"});
  CHECK(Read("null").empty());
  CHECK(Read("\" \"").empty());
}

TEST_CASE("What is no picture is said, and not passed over", "[image_reader]") {
  CHECK_THAT(Read("7").at(0), Contains("a list of these, got a number"));
  CHECK_THAT(Read("{}").at(0), Contains("expected an object with 'bytes', 'path', 'src' or 'url', got {}"));
  CHECK(Read(R"({"bytes": [137, 80]})").at(0) == "bytes: expected base64, got a list");
  CHECK(Read(R"({"bytes": "aGVsbG8gdGhpcyBpcyBubyBwaWN0dXJlIGF0IGFsbA=="})").at(0) ==
        "what 'bytes' holds as base64 is no PNG, JPEG, WebP or GIF");
  const TemporaryFolder folder;
  CHECK_THAT(Read("\"" + folder.path() + "\"").at(0), Contains("Is a directory"));
  CHECK_THAT(Read("\"" + std::string(5000, 'x') + "\"").at(0), Contains("xxx…' is neither an address"));
}
