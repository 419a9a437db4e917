// Reads the vectors of an embedding answer, without keeping them.
#pragma once

#include <memory>

#include "dialect/answer_decoder.h"

namespace llmdyno {

// Each vector is a list of numbers, or the base64 of little-endian 32-bit floats. Every number must be finite
// and all vectors equally long. `member` holds the vector within an element of the list ("embedding"); empty
// where the element is the vector.
std::unique_ptr<ItemReader> MakeVectorReader(std::string_view member);

}  // namespace llmdyno
