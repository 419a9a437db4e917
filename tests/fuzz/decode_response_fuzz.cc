// OpenAI responses: any bytes, in any pieces, give the same events, and a decoder that has seen others gives
// them too. The first two bytes choose where the rest is cut.
#include <cstdint>
#include <memory>

#include "llmdyno/dialect/openai_dialect.h"
#include "same_events.h"

using namespace llmdyno;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  static const std::unique_ptr<Dialect> dialect = *MakeOpenAiDialect({});
  static const std::unique_ptr<ResponseDecoder> experienced = dialect->NewDecoder();
  const size_t chosen = size_t{data[0]} << 8 | data[1];
  const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  MustDecodeAlike(*dialect, *experienced, "text/event-stream", body, chosen);
  return 0;
}
