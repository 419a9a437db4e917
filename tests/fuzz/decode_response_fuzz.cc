// OpenAI responses: any bytes, in any pieces, give the same events, and a decoder that has seen others gives
// them too. The first two bytes choose where the rest is cut.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "llmdyno/dialect/openai_dialect.h"
#include "llmdyno/testing/event_recorder.h"

using namespace llmdyno;

namespace {

void MustBeEqual(const std::vector<std::string>& got, const std::vector<std::string>& expected,
                 const char* what) {
  if (got == expected) return;
  std::fprintf(stderr, "%s\nexpected:\n", what);
  for (const std::string& line : expected) std::fprintf(stderr, "  %s\n", line.c_str());
  std::fprintf(stderr, "got:\n");
  for (const std::string& line : got) std::fprintf(stderr, "  %s\n", line.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  static const std::unique_ptr<Dialect> dialect = *MakeOpenAiDialect({});
  static const std::unique_ptr<ResponseDecoder> experienced = dialect->NewDecoder();
  const size_t chosen = size_t{data[0]} << 8 | data[1];
  const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);

  const auto fresh = dialect->NewDecoder();
  const auto whole = ToStrings(DecodeWhole(*fresh, "text/event-stream", body));
  const size_t cut = chosen % (body.size() + 1);
  const std::string_view pieces[] = {body.substr(0, cut), body.substr(cut)};
  MustBeEqual(ToStrings(DecodePieces(*dialect->NewDecoder(), "text/event-stream", pieces)), whole,
              "cut in two");
  MustBeEqual(ToStrings(DecodePieces(*dialect->NewDecoder(), "text/event-stream", CutEvery(body, 1))), whole,
              "byte by byte");
  MustBeEqual(ToStrings(DecodeWhole(*fresh, "text/event-stream", body)), whole, "a second time");
  MustBeEqual(ToStrings(DecodePieces(*experienced, "text/event-stream", CutEvery(body, 1 + chosen % 64))),
              whole, "by a decoder that has seen many responses");
  return 0;
}
