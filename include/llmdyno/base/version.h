// The version of the headers, for programs and plugins that are compiled against them.
#pragma once

// Kept equal to the project's by CMakeLists.txt. Before 1.0 a minor version may change anything, so those
// that work together have the first two numbers in common.
#define LLMDYNO_HEADER_VERSION "0.1.0"
