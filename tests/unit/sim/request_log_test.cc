#include "sim/request_log.h"

#include <nlohmann/json.hpp>

#include "support/catch.h"

namespace llmdyno {
namespace {

TEST_CASE("A record is one line of JSON, with the body as JSON when it is some", "[sim][log]") {
  RequestLogRecord record;
  record.x_request_id = "say \"hi\"";
  record.body = "{\n  \"model\": \"m\",\r\n  \"text\": \"a\\nb\"\n}";
  record.token_sent_ns = {5, 7};
  const std::string line = ToJson(record);
  CHECK(line.find('\n') == std::string::npos);
  const auto json = nlohmann::json::parse(line);
  CHECK(json["x_request_id"] == "say \"hi\"");
  CHECK(json["body"]["text"] == "a\nb");
  CHECK(json["token_sent_ns"] == nlohmann::json::array({5, 7}));
  CHECK(json["fault"].is_null());
  CHECK(json["first_byte_ns"].is_null());
}

TEST_CASE("A body that is not JSON, or not even text, is kept as a string", "[sim][log]") {
  RequestLogRecord record;
  record.body = "{\"model\": \xff\n";
  const auto json = nlohmann::json::parse(ToJson(record));
  CHECK(json["body"].is_string());
  record.body.clear();
  CHECK(nlohmann::json::parse(ToJson(record))["body"].is_null());
}

TEST_CASE("A long body stays JSON without its long strings", "[sim][log]") {
  RequestLogRecord record;
  const std::string picture = "data:image/png;base64," + std::string(1'000'000, 'A');
  nlohmann::json body = {{"model", "m"},
                         {"messages", {{{"content", {{{"image_url", {{"url", picture}}}}}}}}},
                         {"text", std::string(1000, '"') + std::string(200'000, '\\')},
                         {"note", "say \"hi\\\""},
                         {"max_tokens", 7}};
  record.body = body.dump();
  const std::string line = ToJson(record);
  CHECK(line.size() < 4000);
  const auto json = nlohmann::json::parse(line);
  CHECK(json["body_truncated"] == true);
  CHECK(json["body"]["model"] == "m");
  CHECK(json["body"]["note"] == body["note"]);
  CHECK(json["body"]["max_tokens"] == 7);
  const std::string url = json["body"]["messages"][0]["content"][0]["image_url"]["url"];
  CHECK(url.starts_with("data:image/png;base64,AAAA"));
  CHECK(url.ends_with("… (1000022 bytes)"));
  record.body = "{}";
  CHECK_FALSE(nlohmann::json::parse(ToJson(record)).contains("body_truncated"));
}

TEST_CASE("A long string is cut between its characters and escapes", "[sim][log]") {
  for (const std::string unit :
       {R"(\ud83d\ude00)", R"(\\)", R"(\")", "\xC3\xA9", "\xF0\x9F\x98\x80", R"(a\u00e9)"}) {
    for (size_t shift = 0; shift < 13; ++shift) {
      std::string text(shift, 'x');
      while (text.size() < 100'000) text += unit;
      RequestLogRecord record;
      record.body = "{\"a\":\"" + text + "\"}";
      const auto json = nlohmann::json::parse(ToJson(record), nullptr, false);
      INFO(unit << " shifted by " << shift);
      REQUIRE(json.is_object());
      CHECK(json["body"]["a"].is_string());
    }
  }
}

TEST_CASE("A long body that is no JSON, or has too many members, is a string cut at 64 KB", "[sim][log]") {
  RequestLogRecord record;
  record.body = "{\"prompt\":[1";
  for (int i = 0; i < 50'000; ++i) record.body += ",1000";
  const auto cut = nlohmann::json::parse(ToJson(record));
  CHECK(cut["body"].get<std::string>().size() == kMaxLoggedBody);
  CHECK(cut["body_truncated"] == true);
  record.body += "]}";
  CHECK(nlohmann::json::parse(ToJson(record))["body"].get<std::string>().starts_with("{\"prompt\":[1,1000"));
}

TEST_CASE("The log has the size and the hash of each image", "[sim][log]") {
  RequestLogRecord record;
  record.image_kinds = {{"64x32", 0x0123456789ABCDEFU}, {std::nullopt, 1}};
  const auto json = nlohmann::json::parse(ToJson(record));
  CHECK(json["image_sizes"] == nlohmann::json::parse(R"(["64x32",null])"));
  CHECK(json["image_hashes"] == nlohmann::json::parse(R"(["0123456789abcdef","0000000000000001"])"));
  record.image_kinds.clear();
  CHECK_FALSE(nlohmann::json::parse(ToJson(record)).contains("image_sizes"));
}

TEST_CASE("A log that cannot be written is a sentence", "[sim][log]") {
  const auto log = RequestLog::Open("/nowhere/at/all.jsonl");
  CHECK(std::string(log.status().message()) ==
        "log file '/nowhere/at/all.jsonl' cannot be written: No such file or directory");
}

}  // namespace
}  // namespace llmdyno
