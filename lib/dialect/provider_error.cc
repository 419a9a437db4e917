#include "llmdyno/dialect/provider_error.h"

#include <simdjson.h>

namespace llmdyno {

using simdjson::SUCCESS;

std::string ProviderErrorMessage(std::string_view body) {
  if (body.empty()) return "";  // the parser copies even nothing, from nowhere
  std::string message;
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(body.data(), body.size()).get(object) == SUCCESS) {
    std::string_view text;
    if (object["error"]["message"].get(text) == SUCCESS || object["error"].get(text) == SUCCESS ||
        object["message"].get(text) == SUCCESS || object["detail"].get(text) == SUCCESS) {
      message = text;
    }
  }
  if (message.empty()) message = body;
  for (char& c : message) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  constexpr size_t kLimit = 300;
  constexpr std::string_view kEllipsis = "…";
  if (message.size() > kLimit) {
    size_t cut = kLimit - kEllipsis.size();
    while (cut > 0 && (static_cast<unsigned char>(message[cut]) & 0xC0) == 0x80) --cut;
    message.resize(cut);
    message += kEllipsis;
  }
  return message;
}

}  // namespace llmdyno
