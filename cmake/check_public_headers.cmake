# Run as a test:  cmake -DINCLUDE_DIR=<source>/include -P check_public_headers.cmake
# What is installed speaks std, absl::Status and our own words, and leaves its includers' names alone. One sentence per
# line that does not.

cmake_minimum_required(VERSION 3.25)

set(standard
  algorithm any array atomic bit bitset charconv chrono cmath compare concepts condition_variable coroutine cstddef
  cstdint cstdio cstdlib cstring ctime deque exception filesystem forward_list fstream functional future
  initializer_list iomanip ios iosfwd iostream istream iterator limits list locale map memory memory_resource mutex
  new numbers numeric optional ostream queue random ranges ratio regex scoped_allocator semaphore set shared_mutex
  source_location span sstream stack stdexcept stop_token streambuf string string_view system_error thread tuple
  type_traits typeindex typeinfo unordered_map unordered_set utility valarray variant vector version
  # For the C interface.
  stdbool.h stddef.h stdint.h)
# The last shows macros only: a plugin is compiled against Abseil's release and options.
set(third_party absl/status/status.h absl/status/statusor.h absl/base/config.h)

file(GLOB_RECURSE headers "${INCLUDE_DIR}/*.h")
list(LENGTH headers count)
if(count LESS 100)
  message(FATAL_ERROR "only ${count} public headers were found under ${INCLUDE_DIR}: the check looks in the wrong place")
endif()
foreach(header IN LISTS headers)
  file(RELATIVE_PATH name "${INCLUDE_DIR}" "${header}")
  file(READ "${header}" text)
  if(name MATCHES "^llmdyno/c/")
    # For C, too, where neither // nor #pragma once is a matter of course.
    if(NOT text MATCHES "^/\\* .*\\*/\n#ifndef (LLMDYNO_[A-Z_]+_H_)\n#define LLMDYNO_[A-Z_]+_H_\n")
      message(SEND_ERROR "${name}: expected a /* comment that says what the header is for, then a guard LLMDYNO_..._H_")
    endif()
  elseif(NOT text MATCHES "^//[^\n]*\n(//[^\n]*\n)*#pragma once\n\n")
    message(SEND_ERROR "${name}: expected a // comment that says what the header is for, then #pragma once, then an "
                       "empty line")
  endif()
  string(REGEX MATCHALL "\n[ \t]*#[ \t]*(include|import)[^\n]*" includes "${text}")
  foreach(line IN LISTS includes)
    string(STRIP "${line}" line)
    if(line MATCHES "^#[ \t]*include <([^>]+)>" AND CMAKE_MATCH_1 IN_LIST standard)
      continue()
    endif()
    if(line MATCHES "^#[ \t]*include \"([^\"]+)\"")
      set(included "${CMAKE_MATCH_1}")
      if(included IN_LIST third_party)
        continue()
      endif()
      if(included MATCHES "^llmdyno/" AND EXISTS "${INCLUDE_DIR}/${included}")
        continue()
      endif()
    endif()
    message(SEND_ERROR "${name}: ${line}: a public header includes std, absl/status and other public headers only")
  endforeach()
  string(REGEX MATCHALL "\n[ \t]*#[ \t]*define[ \t]+[A-Za-z0-9_]+" macros "${text}")
  foreach(macro IN LISTS macros)
    string(STRIP "${macro}" macro)
    if(NOT macro MATCHES "define[ \t]+LLMDYNO_")
      message(SEND_ERROR "${name}: ${macro}: macros begin with LLMDYNO_")
    endif()
  endforeach()
  if(text MATCHES "\n[ \t]*using namespace [^\n]*")
    message(SEND_ERROR "${name}: a public header opens no namespace for its includers:${CMAKE_MATCH_0}")
  endif()
endforeach()
message(STATUS "${count} public headers checked")
