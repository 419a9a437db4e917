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

TEST_CASE("A log that cannot be written is a sentence", "[sim][log]") {
  const auto log = RequestLog::Open("/nowhere/at/all.jsonl");
  CHECK(std::string(log.status().message()) ==
        "log file '/nowhere/at/all.jsonl' cannot be written: No such file or directory");
}

}  // namespace
}  // namespace llmdyno
