#include "dialect/message_shape.h"

#include <string>

#include "support/catch.h"

using namespace llmdyno;

namespace {

// A message in which <x> is the text, (x) an id and [x] digits.
struct Sample {
  std::string message;
  std::vector<MessageShape::Variable> variables;
};

Sample Marked(const std::string& marked) {
  Sample sample;
  for (const char c : marked) {
    const size_t at = sample.message.size();
    if (c == '<' || c == '(' || c == '[') {
      const auto kind = c == '<'   ? MessageShape::Kind::kText
                        : c == '(' ? MessageShape::Kind::kString
                                   : MessageShape::Kind::kDigits;
      sample.variables.push_back({at, at, kind});
    } else if (c == '>' || c == ')' || c == ']') {
      sample.variables.back().end = at;
    } else {
      sample.message += c;
    }
  }
  return sample;
}

MessageShape Learnt(const std::string& marked) {
  const Sample sample = Marked(marked);
  MessageShape shape;
  shape.Learn(sample.message, sample.variables, MessageShape::Field::kContent);
  return shape;
}

std::string TextOf(const MessageShape& shape, const std::string& message) {
  const auto match = shape.Read(message);
  return match ? std::string(match->text) : "no match";
}

}  // namespace

TEST_CASE("A message that differs in its variable parts alone is of the shape", "[message_shape]") {
  const MessageShape shape = Learnt(R"x({"id":"(a1)","at":[17],"text":"<Hi>"})x");
  CHECK(TextOf(shape, R"({"id":"a1","at":17,"text":"Hi"})") == "Hi");
  CHECK(TextOf(shape, R"({"id":"another","at":18000,"text":"é!"})") == "é!");
  CHECK(TextOf(shape, R"({"id":"","at":0,"text":"x"})") == "x");
}

TEST_CASE("Anything else is not", "[message_shape]") {
  const MessageShape shape = Learnt(R"x({"id":"(a1)","at":[17],"text":"<Hi>"})x");
  for (const char* other :
       {R"({"id":"a1","at":17,"text":"Hi"} )", R"({"id":"a1","at":17,"text":""})",
        R"({"id":"a1","at":,"text":"x"})", R"({"id":"a1","at":017,"text":"x"})",
        R"({"id":"a1","at":-1,"text":"x"})", R"({"id":"a1","at":17,"text":"a\nb"})",
        R"({"id":"a\"b","at":17,"text":"x"})", R"({"id":"a1","at":17,"text":"x","more":1})",
        R"({"id":"a1","at":17,"text":"x)", "{\"id\":\"a1\",\"at\":17,\"text\":\"\xFF\"}",
        "{\"id\":\"a1\",\"at\":17,\"text\":\"\t\"}", "", "{"}) {
    INFO(other);
    CHECK_FALSE(shape.Read(other));
  }
}

TEST_CASE("A text of any length is taken, and one bad byte anywhere in it is seen", "[message_shape]") {
  const MessageShape shape = Learnt(R"x({"text":"<Hi>","end":1})x");
  const auto message = [](const std::string& text) { return R"({"text":")" + text + R"(","end":1})"; };
  for (size_t length = 1; length <= 40; ++length) {
    const std::string plain(length, 'a');
    REQUIRE(TextOf(shape, message(plain)) == plain);
    for (size_t at = 0; at < length; ++at) {
      INFO("byte " << at << " of " << length);
      for (const char bad : {'\0', '\x01', '\x1F', '\n', '"', '\\', '\x80', '\xFF'}) {
        std::string text = plain;
        text[at] = bad;
        REQUIRE_FALSE(shape.Read(message(text)));
      }
      for (const char good : {' ', '!', '#', '[', ']', '\x7F'}) {
        std::string text = plain;
        text[at] = good;
        REQUIRE(TextOf(shape, message(text)) == text);
      }
      const std::string text = plain.substr(0, at) + "\u00e9\U0001f600" + plain.substr(at);
      REQUIRE(TextOf(shape, message(text)) == text);
    }
  }
}

TEST_CASE("Without a plain text nothing is learnt, and a new lesson replaces the old one",
          "[message_shape]") {
  MessageShape shape = Learnt(R"x({"text":"<Hi>"})x");
  const Sample escaped = Marked(R"x({"text":"<a\nb>"})x");
  shape.Learn(escaped.message, escaped.variables, MessageShape::Field::kContent);
  CHECK_FALSE(shape.Read(R"({"text":"Hi"})"));
  CHECK_FALSE(MessageShape().Read(R"({"text":"Hi"})"));
}

TEST_CASE("A variable that is not plain stays as it was", "[message_shape]") {
  const MessageShape shape = Learnt(R"x({"id":"(a\\b)","text":"<Hi>"})x");
  CHECK(TextOf(shape, R"({"id":"a\\b","text":"Ho"})") == "Ho");
  CHECK_FALSE(shape.Read(R"({"id":"other","text":"Ho"})"));
}
