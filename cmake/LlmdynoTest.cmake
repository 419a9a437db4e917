# llmdyno_test(<name> SOURCES <file>... [LINKS <target>...] [LABELS <label>] [WRITES_RESULTS])
#
# One Catch2 program; each TEST_CASE becomes a ctest entry of its own, so a failure names the sentence. Names of test
# cases must not hold '[': Catch's discovery script would merge them with their neighbours.
# What is written meanwhile is held against docs/schemas when all tests are over (tests/schemas).
set(LLMDYNO_WRITTEN_FILES "${CMAKE_BINARY_DIR}/tests/written_files")

include(Catch OPTIONAL RESULT_VARIABLE LLMDYNO_CATCH_MODULE)

function(llmdyno_test name)
  cmake_parse_arguments(ARG "WRITES_RESULTS" "" "SOURCES;LINKS;LABELS" ${ARGN})
  set(target ${name}_test)
  add_executable(${target} ${ARG_SOURCES})
  # Tests may include lib/'s own headers. Those that show simdjson's parser must be compiled with its definitions: its
  # layout depends on them, and the libraries keep them to themselves.
  target_link_libraries(${target} PRIVATE
    llmdyno_test_main llmdyno_developer_flags ${ARG_LINKS} simdjson::simdjson)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests" "${PROJECT_SOURCE_DIR}/lib")
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  target_compile_definitions(${target} PRIVATE
    LLMDYNO_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data" LLMDYNO_BINARY_DIR="${CMAKE_BINARY_DIR}/bin")
  # A list as a property's value does not survive the way through the discovery script: one label at most.
  set(label unit)
  if(ARG_LABELS)
    set(label ${ARG_LABELS})
  endif()
  set(properties LABELS ${label} TIMEOUT 120)
  if(ARG_WRITES_RESULTS AND LLMDYNO_BUILD_APPS AND LLMDYNO_BUILD_SIMULATOR)
    list(APPEND properties ENVIRONMENT "LLMDYNO_WRITTEN_FILES=${LLMDYNO_WRITTEN_FILES}"
         FIXTURES_REQUIRED "written_files")
  endif()
  catch_discover_tests(${target} TEST_PREFIX "${name}: " PROPERTIES ${properties})
endfunction()
