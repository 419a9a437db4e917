# Run as a test:  cmake -DPYTHON=... -DFOLDER=docs/api -P check_filter.cmake
# filter.py makes of sample.h what sample.expected holds.

execute_process(COMMAND "${PYTHON}" "${FOLDER}/filter.py" "${FOLDER}/sample.h"
  OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
file(READ "${FOLDER}/sample.expected" expected)
if(NOT text STREQUAL expected)
  message(FATAL_ERROR "filter.py made something else of sample.h than sample.expected:\n${text}")
endif()
if(NOT text MATCHES "\n  int Undocumented\\(\\) const;\n")
  message(FATAL_ERROR "the sample's undocumented function has become a documented one")
endif()
