// Reads the "error" of a message: OpenAI's object with a message in it, or the message itself.
#pragma once

#include <simdjson.h>

#include <string>

namespace llmdyno {

// Sets `has_error` unless the value is null: chunks of some endpoints say "error": null. Leaves `message`
// alone when there is none inside.
simdjson::error_code ReadErrorMember(simdjson::ondemand::value value, bool& has_error, std::string& message);

}  // namespace llmdyno
