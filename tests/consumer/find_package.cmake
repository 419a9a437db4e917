# cmake -DPREFIX=... -DWORK=... -DSHARED=ON|OFF -DCOMPONENTS=<list or empty> -DBUILD_TYPE=... -P find_package.cmake
# Configures, builds and runs the consumer against an installed tree.
include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")
file(REMOVE_RECURSE "${WORK}")
set(absent "")
if(SHARED)
  # A shared library brings along what it calls: of all packages only Abseil's headers are seen by its users.
  foreach(package IN ITEMS CURL PNG simdjson)
    list(APPEND absent -DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON)
  endforeach()
elseif(COMPONENTS STREQUAL "analysis")
  # Whoever asks for the explaining half needs no libcurl, no libpng: not even installed.
  set(absent -DCMAKE_DISABLE_FIND_PACKAGE_CURL=ON -DCMAKE_DISABLE_FIND_PACKAGE_PNG=ON)
endif()
run(unused ${CMAKE_COMMAND} -G Ninja -S "${CMAKE_CURRENT_LIST_DIR}/package" -B "${WORK}" -DCMAKE_PREFIX_PATH=${PREFIX}
  -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DLLMDYNO_SHARED_LIBS=${SHARED} -DCOMPONENTS=${COMPONENTS} ${absent}
  -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER})
run(unused ${CMAKE_COMMAND} --build "${WORK}")
run(tested ${CMAKE_CTEST_COMMAND} --test-dir "${WORK}" --no-tests=error --output-on-failure)

expect_library("${WORK}/metrics_of_records" libcurl OFF)
expect_library("${WORK}/metrics_of_records" libpng OFF)
expect_library("${WORK}/metrics_of_records" libllmdyno-analysis ${SHARED})
if(NOT COMPONENTS STREQUAL "analysis")
  expect_library("${WORK}/race_a_simulator" libcurl ON)
  expect_library("${WORK}/race_a_simulator" "libllmdyno\\.so" ${SHARED})
  expect_library("${WORK}/check_a_source" libllmdyno-testing ${SHARED})
  race_with_plugin("${PREFIX}" "${WORK}/libask_the_time.so" "${WORK}")
endif()
