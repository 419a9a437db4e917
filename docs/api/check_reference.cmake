# Run as a test:
#   cmake -DDOXYGEN=... -DDOXYFILE=<build>/docs/api/Doxyfile -DWORK_DIR=... -P check_reference.cmake
# Fails with doxygen's warnings when a public header has any; and when doxygen would not have noticed one.

cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE "${WORK_DIR}")
file(MAKE_DIRECTORY "${WORK_DIR}/reference" "${WORK_DIR}/undocumented/include")

file(READ "${DOXYFILE}" settings)
file(WRITE "${WORK_DIR}/Doxyfile" "${settings}\nOUTPUT_DIRECTORY = \"${WORK_DIR}/reference\"\n")
execute_process(COMMAND "${DOXYGEN}" "${WORK_DIR}/Doxyfile"
  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE warnings)
if(NOT status EQUAL 0 OR NOT warnings STREQUAL "")
  message(FATAL_ERROR "Public names without a comment, or comments that cannot be read (docs/api/README.md says what "
                      "has to be documented):\n${warnings}")
endif()
file(GLOB pages "${WORK_DIR}/reference/*.html")
list(LENGTH pages count)
if(count LESS 300)
  message(FATAL_ERROR "doxygen made ${count} pages of all headers: it looked in the wrong place")
endif()

# The same settings and a header in which one function has no comment.
file(WRITE "${WORK_DIR}/undocumented/include/forgotten.h" "// For this test.
#pragma once

namespace llmdyno {

// Has a comment.
int Remembered(int x);
int Forgotten(int x);

}  // namespace llmdyno
")
file(WRITE "${WORK_DIR}/undocumented/Doxyfile" "${settings}
OUTPUT_DIRECTORY = \"${WORK_DIR}/undocumented\"
INPUT = \"${WORK_DIR}/undocumented/include\"
USE_MDFILE_AS_MAINPAGE =
")
execute_process(COMMAND "${DOXYGEN}" "${WORK_DIR}/undocumented/Doxyfile"
  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE warnings)
if(status EQUAL 0 OR NOT warnings MATCHES "Forgotten")
  message(FATAL_ERROR "a function without a comment went unnoticed")
endif()
if(warnings MATCHES "Remembered")
  message(FATAL_ERROR "a function with a plain comment counts as undocumented: filter.py was not used\n${warnings}")
endif()
message(STATUS "${count} pages")
