// What fuzzers of decoders share: events that must not depend on how the bytes came.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmdyno/dialect/dialect.h"
#include "llmdyno/testing/event_recorder.h"

namespace llmdyno {

inline void MustBeEqual(const std::vector<std::string>& got, const std::vector<std::string>& expected,
                        const char* what) {
  if (got == expected) return;
  std::fprintf(stderr, "%s\nexpected:\n", what);
  for (const std::string& line : expected) std::fprintf(stderr, "  %s\n", line.c_str());
  std::fprintf(stderr, "got:\n");
  for (const std::string& line : got) std::fprintf(stderr, "  %s\n", line.c_str());
  std::abort();
}

// Decodes the body whole, cut where `chosen` says, byte by byte, a second time, and by a decoder that has
// seen many responses.
inline void MustDecodeAlike(const Dialect& dialect, ResponseDecoder& experienced,
                            std::string_view content_type, std::string_view body, size_t chosen) {
  const auto fresh = dialect.NewDecoder();
  const auto whole = ToStrings(DecodeWhole(*fresh, content_type, body));
  const size_t cut = chosen % (body.size() + 1);
  const std::string_view pieces[] = {body.substr(0, cut), body.substr(cut)};
  MustBeEqual(ToStrings(DecodePieces(*dialect.NewDecoder(), content_type, pieces)), whole, "cut in two");
  MustBeEqual(ToStrings(DecodePieces(*dialect.NewDecoder(), content_type, CutEvery(body, 1))), whole,
              "byte by byte");
  MustBeEqual(ToStrings(DecodeWhole(*fresh, content_type, body)), whole, "a second time");
  MustBeEqual(ToStrings(DecodePieces(experienced, content_type, CutEvery(body, 1 + chosen % 64))), whole,
              "by a decoder that has seen many responses");
}

}  // namespace llmdyno
