// Vectors and scores that mean nothing but are always the same for the same text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace llmdyno {

// Appends a vector of length one, as a JSON list or as the base64 of little-endian 32-bit floats. Unless it
// is empty, `not_a_number` ("NaN", "null") stands in a list in place of the number in the middle; in base64
// that number is a NaN.
void AppendEmbedding(std::string_view text, int64_t dimensions, bool as_base64, std::string& out,
                     std::string_view not_a_number = {});

// The share of the query's words that the document contains, from 0 to 1, with a little
// nudge by a hash so that ties are rare.
double RelevanceScore(std::string_view query, std::string_view document);

}  // namespace llmdyno
