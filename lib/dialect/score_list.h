// Reads the scores of a rerank or score answer, without keeping them.
#pragma once

#include <memory>

#include "dialect/answer_decoder.h"

namespace llmdyno {

// Each element names a document by its index and gives its "relevance_score" or "score", a finite number. An
// answer ranks all documents: indexes run from 0 to one less than there are scores, in any order, none twice.
std::unique_ptr<ItemReader> MakeScoreReader();

}  // namespace llmdyno
