#include "base/json_writer.h"

#include <nlohmann/json.hpp>
#include <string>

#include "llmdyno/base/random.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

std::string JsonString(std::string_view text) {
  std::string json;
  AppendJsonString(text, json);
  return json;
}

// What the general writer of JSON says.
std::string Expected(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

TEST_CASE("Texts become JSON strings whose every escape is the shortest", "[json_writer]") {
  CHECK(JsonString("") == R"("")");
  CHECK(JsonString("plain, and longer than eight bytes") == R"("plain, and longer than eight bytes")");
  CHECK(JsonString("a \"quote\", a \\ and a /") == R"("a \"quote\", a \\ and a /")");
  CHECK(JsonString("\b\f\n\r\t\x01\x1f\x7f") == "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
  CHECK(JsonString(std::string_view("\0", 1)) == R"("\u0000")");
  CHECK(JsonString("caf\xC3\xA9 \xE2\x80\x94 \xF0\x9F\x98\x80") ==
        "\"caf\xC3\xA9 \xE2\x80\x94 \xF0\x9F\x98\x80\"");
}

TEST_CASE("Each broken UTF-8 sequence becomes one replacement character", "[json_writer]") {
  const std::string r = "\xEF\xBF\xBD";
  CHECK(JsonString("caf\xE9") == "\"caf" + r + "\"");
  CHECK(JsonString("\xE2\x80") == "\"" + r + "\"");
  CHECK(JsonString("\xE2\x80x") == "\"" + r + "x\"");
  CHECK(JsonString("\xC0\xAF") == "\"" + r + r + "\"");
  CHECK(JsonString("\xED\xA0\x80") == "\"" + r + r + r + "\"");  // half a surrogate pair
  CHECK(JsonString("\xF0\x9F\x98\xE9\x80\x80") == "\"" + r + "\xE9\x80\x80\"");
}

TEST_CASE("Any bytes at any offset give what the general writer gives", "[json_writer]") {
  RandomStreams streams(1);
  Rng rng = streams.Stream("json_writer");
  // Mostly plain text, so that the fast way and the slow one alternate; else bytes of all kinds.
  const std::string special("\"\\\n\x1f\x7f\x80\x9f\xa0\xbf\xc0\xc2\xdf\xe0\xed\xef\xf0\xf4\xf5\xff\0", 20);
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (int64_t left = rng.UniformInt(0, 40); left > 0; --left) {
      const int64_t kind = rng.UniformInt(0, 3);
      text += kind == 0   ? static_cast<char>(rng.UniformInt(0, 255))
              : kind == 1 ? special[static_cast<size_t>(rng.UniformInt(0, 19))]
                          : static_cast<char>(rng.UniformInt(' ', '~'));
    }
    if (JsonString(text) != Expected(text)) {
      FAIL(Expected(text) << " came out as " << JsonString(text));
    }
  }
}

TEST_CASE("An object is its members in the order in which they were added", "[json_writer]") {
  std::string json = "x=";
  JsonObjectWriter object(json);
  object.Add("text", "a\"b");
  object.Add("number", INT64_MIN);
  object.AddBoolean("flag", true);
  object.AddNull("nothing");
  object.Key("list") += "[1]";
  object.AddMembers("");
  object.AddMembers(R"("a":1,"b":2)");
  object.Close();
  CHECK(
      json ==
      R"(x={"text":"a\"b","number":-9223372036854775808,"flag":true,"nothing":null,"list":[1],"a":1,"b":2})");
  std::string empty;
  JsonObjectWriter(empty).Close();
  CHECK(empty == "{}");
}
