# cmake -DPREFIX=... -DWORK=... -DBUILD=<build tree> -P pkg_config.cmake
# Compiles each program with plain g++ and the answer of pkg-config, against the shared libraries and, in a copy of the
# tree that has no others, against the static ones.
include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")

function(compile_and_run prefix linkage program)
  set(ENV{PKG_CONFIG_PATH} "${prefix}/${LIBDIR}/pkgconfig:$ENV{PKG_CONFIG_PATH}")
  run(flags pkg-config --cflags --libs ${ARGN})
  separate_arguments(flags UNIX_COMMAND "${flags}")
  set(binary "${WORK}/${program}-${linkage}")
  run(unused ${COMPILER} "${CMAKE_CURRENT_LIST_DIR}/${program}.cc" -o "${binary}" ${flags})
  set(ENV{LD_LIBRARY_PATH} "${prefix}/${LIBDIR}")
  run(unused "${binary}")
  set(is_shared OFF)
  if(linkage STREQUAL "shared")
    set(is_shared ON)
  endif()
  expect_library("${binary}" libllmdyno ${is_shared})
endfunction()

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
compile_and_run("${PREFIX}" shared metrics_of_records llmdyno-analysis)
expect_library("${WORK}/metrics_of_records-shared" libcurl OFF)
compile_and_run("${PREFIX}" shared race_a_simulator llmdyno llmdyno-sim)
compile_and_run("${PREFIX}" shared check_a_source llmdyno-testing)

# As a build with LLMDYNO_BUILD_SHARED=OFF installs them.
set(static "${WORK}/static")
file(COPY "${PREFIX}/include" DESTINATION "${static}")
file(GLOB archives "${PREFIX}/${LIBDIR}/*.a")
file(COPY ${archives} DESTINATION "${static}/${LIBDIR}")
file(COPY "${BUILD}/pkgconfig/static/" DESTINATION "${static}/${LIBDIR}/pkgconfig")
compile_and_run("${static}" static metrics_of_records llmdyno-analysis)
expect_library("${WORK}/metrics_of_records-static" libcurl OFF)
compile_and_run("${static}" static race_a_simulator llmdyno llmdyno-sim)
