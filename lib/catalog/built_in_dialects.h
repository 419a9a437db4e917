// The dialects that llmdyno brings along.
#pragma once

#include "llmdyno/catalog/catalog.h"

namespace llmdyno {

void AddBuiltInDialects(DialectRegistry& registry);

}  // namespace llmdyno
