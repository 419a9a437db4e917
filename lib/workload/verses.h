// Lines of verse for prompts with a shared beginning.
#pragma once

#include <span>
#include <string_view>

namespace llmdyno {

// Written for llmdyno, and so free of anybody's rights. Every line differs from the others.
std::span<const std::string_view> BuiltInVerses();

}  // namespace llmdyno
