# cmake -DSOURCE=... -DWORK=... -DFETCH=ON|OFF -DBUILD_ALL=ON|OFF ... -P host.cmake
# Configures a host with llmdyno among its sources. With BUILD_ALL it builds, tests and installs, too, which compiles
# half the library once more: only where a compiler cache makes that cheap. Without, one module is compiled.
include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")
file(REMOVE_RECURSE "${WORK}")
run(unused ${CMAKE_COMMAND} -G Ninja -S "${CMAKE_CURRENT_LIST_DIR}/host" -B "${WORK}" -DLLMDYNO_SOURCE=${SOURCE}
  -DUSE_FETCHCONTENT=${FETCH} -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
  -DLLMDYNO_WARNINGS_AS_ERRORS=${WARNINGS_AS_ERRORS} -DCMAKE_CXX_COMPILER=${COMPILER}
  -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER})

# Our warnings are for our files.
file(READ "${WORK}/compile_commands.json" commands)
string(REGEX MATCHALL "\"command\": \"[^\n]*metrics_of_records.cc" hosts "${commands}")
if(NOT hosts)
  message(FATAL_ERROR "the host's own file is not compiled at all")
endif()
if(hosts MATCHES " -W[a-z]")
  message(FATAL_ERROR "warnings of llmdyno reached the host's file: ${hosts}")
endif()
run(listed ${CMAKE_CTEST_COMMAND} --test-dir "${WORK}" -N)
if(NOT listed MATCHES "Total Tests: 1\n")
  message(FATAL_ERROR "the host has one test, but ctest lists: ${listed}")
endif()

if(NOT BUILD_ALL)
  run(unused ${CMAKE_COMMAND} --build "${WORK}" --target llmdyno_base)
  return()
endif()
run(unused ${CMAKE_COMMAND} --build "${WORK}" --target metrics_of_records)
run(unused ${CMAKE_CTEST_COMMAND} --test-dir "${WORK}" --no-tests=error --output-on-failure)
expect_library("${WORK}/metrics_of_records" libcurl OFF)
run(unused ${CMAKE_COMMAND} --install "${WORK}" --prefix "${WORK}/prefix")
file(GLOB_RECURSE installed RELATIVE "${WORK}/prefix" "${WORK}/prefix/*")
if(NOT installed STREQUAL "bin/metrics_of_records")
  message(FATAL_ERROR "of the host one program is installed, but there are: ${installed}")
endif()
