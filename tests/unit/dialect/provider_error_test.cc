#include "llmdyno/dialect/provider_error.h"

#include <string>

#include "support/catch.h"

using namespace llmdyno;

TEST_CASE("The message is found in every shape that providers use", "[provider_error]") {
  CHECK(ProviderErrorMessage(R"({"error":{"message":"no such model","type":"x","code":404}})") ==
        "no such model");
  CHECK(ProviderErrorMessage(R"({"error":"Input validation error","error_type":"validation"})") ==
        "Input validation error");
  CHECK(ProviderErrorMessage(R"({"object":"error","message":"too long","code":400})") == "too long");
  CHECK(ProviderErrorMessage(R"({"detail":"Not Found"})") == "Not Found");
}

TEST_CASE("A body in no known shape is shown itself", "[provider_error]") {
  CHECK(ProviderErrorMessage("<h1>Bad Gateway</h1>") == "<h1>Bad Gateway</h1>");
  CHECK(ProviderErrorMessage(R"({"detail":[{"loc":["body"],"msg":"field required"}]})") ==
        R"({"detail":[{"loc":["body"],"msg":"field required"}]})");
  CHECK(ProviderErrorMessage(R"({"error":{"message":""}})") == R"({"error":{"message":""}})");
  CHECK(ProviderErrorMessage(R"({"error":{"message":"cut off)") == R"({"error":{"message":"cut off)");
  CHECK(ProviderErrorMessage("").empty());
}

TEST_CASE("The sentence is one line without control characters", "[provider_error]") {
  CHECK(ProviderErrorMessage("{\"error\":{\"message\":\"a\\nb\\u001b[31mc\"}}") == "a b [31mc");
  CHECK(ProviderErrorMessage("a\r\nb") == "a  b");
}

TEST_CASE("A long sentence is cut to 300 bytes between characters", "[provider_error]") {
  for (size_t shift = 0; shift < 4; ++shift) {
    std::string text(shift, 'x');
    for (int i = 0; i < 200; ++i) text += "é😀";
    const std::string cut = ProviderErrorMessage(text);
    CHECK(cut.size() <= 300);
    CHECK(cut.size() > 290);
    CHECK(cut.ends_with("…"));
    const std::string kept = cut.substr(0, cut.size() - std::string("…").size());
    CHECK(text.starts_with(kept));
    CHECK((static_cast<unsigned char>(text[kept.size()]) & 0xC0) !=
          0x80);  // a character begins where it was cut
  }
  CHECK(ProviderErrorMessage(std::string(300, 'x')) == std::string(300, 'x'));
}
