# Every option of the build, in one place. Those that only a developer of llmdyno wants default to
# "is this the top project?", so an embedding project gets the library and nothing else.

option(LLMDYNO_BUILD_APPS "Build the command-line apps" ${PROJECT_IS_TOP_LEVEL})
option(LLMDYNO_BUILD_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(LLMDYNO_BUILD_EXAMPLES "Build the examples" ${PROJECT_IS_TOP_LEVEL})
option(LLMDYNO_BUILD_SIMULATOR "Build the simulated endpoint (needs Boost headers)" ON)
option(LLMDYNO_INSTALL "Install llmdyno with `cmake --install`" ${PROJECT_IS_TOP_LEVEL})
option(LLMDYNO_WARNINGS_AS_ERRORS "Treat compiler warnings in llmdyno's own code as errors" OFF)
set(LLMDYNO_SANITIZE "" CACHE STRING "Sanitizers for llmdyno's own code, e.g. address,undefined or thread")
option(LLMDYNO_FUZZ "Build tests/fuzz as libFuzzer programs (needs Clang); without, they replay their corpus as tests" OFF)
option(LLMDYNO_COVERAGE "Instrument llmdyno's own code for gcov" OFF)
option(LLMDYNO_COMPILER_CACHE "Compile through ccache when it is installed" ${PROJECT_IS_TOP_LEVEL})

# Both come from the same objects. A project that embeds llmdyno gets the one that its BUILD_SHARED_LIBS asks for.
# Instrumented objects are for the tests, which link the static one.
set(LLMDYNO_SHARED_DEFAULT ${PROJECT_IS_TOP_LEVEL})
set(LLMDYNO_STATIC_DEFAULT ON)
if(LLMDYNO_SANITIZE OR LLMDYNO_COVERAGE OR LLMDYNO_FUZZ)
  set(LLMDYNO_SHARED_DEFAULT OFF)
elseif(BUILD_SHARED_LIBS)
  set(LLMDYNO_SHARED_DEFAULT ON)
  set(LLMDYNO_STATIC_DEFAULT ${PROJECT_IS_TOP_LEVEL})
endif()
option(LLMDYNO_BUILD_SHARED "Build the shared libraries" ${LLMDYNO_SHARED_DEFAULT})
option(LLMDYNO_BUILD_STATIC "Build the static libraries" ${LLMDYNO_STATIC_DEFAULT})
if(LLMDYNO_BUILD_APPS AND NOT LLMDYNO_BUILD_SIMULATOR)
  message(FATAL_ERROR "LLMDYNO_BUILD_SIMULATOR is off, but the apps have the simulator for --simulate: "
                      "switch it on, or LLMDYNO_BUILD_APPS off")
endif()
if(NOT LLMDYNO_BUILD_SHARED AND NOT LLMDYNO_BUILD_STATIC)
  message(FATAL_ERROR "LLMDYNO_BUILD_SHARED and LLMDYNO_BUILD_STATIC are both off: one of them must be on")
endif()

if(PROJECT_IS_TOP_LEVEL)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
  endif()
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  # All programs side by side: the dispatcher finds `llmdyno-race` next to itself.
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
  if(LLMDYNO_COMPILER_CACHE)
    find_program(LLMDYNO_CCACHE ccache)
    if(LLMDYNO_CCACHE)
      set(CMAKE_CXX_COMPILER_LAUNCHER "${LLMDYNO_CCACHE}")
    endif()
  endif()
endif()

# Developer flags live on a private interface target: a project that embeds llmdyno never inherits them.
add_library(llmdyno_developer_flags INTERFACE)
target_compile_features(llmdyno_developer_flags INTERFACE cxx_std_20)
target_compile_options(llmdyno_developer_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align
  -Wextra-semi
  # A designated initializer that leaves members to their defaults is what they are for.
  -Wno-missing-field-initializers)
# GCC 12 sees overlapping copies in std::string's operator+ that are not there (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(llmdyno_developer_flags INTERFACE -Wno-restrict)
endif()
if(LLMDYNO_WARNINGS_AS_ERRORS)
  target_compile_options(llmdyno_developer_flags INTERFACE -Werror)
endif()
if(LLMDYNO_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "LLMDYNO_FUZZ needs Clang: configure with CXX=clang++")
  endif()
  if(NOT LLMDYNO_SANITIZE)
    set(LLMDYNO_SANITIZE "address,undefined")
  endif()
  target_compile_options(llmdyno_developer_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(LLMDYNO_SANITIZE)
  target_compile_options(llmdyno_developer_flags INTERFACE
    -fsanitize=${LLMDYNO_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
    # The vptr check opens a pipe to see whether memory can be read, and takes a process that has run out of
    # descriptors (a test of ours) for one with broken objects.
    -fno-sanitize=vptr
    # With sanitizers GCC 12 takes members of std::regex and std::optional for uninitialised.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
    # ThreadSanitizer does not see fences; Asio's stand beside locks, which it does see.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  target_link_options(llmdyno_developer_flags INTERFACE -fsanitize=${LLMDYNO_SANITIZE})
endif()
if(LLMDYNO_COVERAGE)
  target_compile_options(llmdyno_developer_flags INTERFACE --coverage -O0)
  target_link_options(llmdyno_developer_flags INTERFACE --coverage)
endif()
