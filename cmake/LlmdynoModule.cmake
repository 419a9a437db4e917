# A module is a folder of lib/ with its headers in include/llmdyno/<module>. It is compiled as an object
# library and collected into one of the shipped targets.
#
#   llmdyno_module(<name> [USES <module>...] [LINKS <target>...])   in lib/CMakeLists.txt: the layer table
#   llmdyno_module_sources(<name> <file>...)                        in lib/<name>/CMakeLists.txt
#
# USES is the design: it decides which headers the module may include, and the `layering` test fails with
# a sentence when a file includes anything else. LINKS names third-party targets.

set_property(GLOBAL PROPERTY LLMDYNO_MODULES "")

function(llmdyno_module name)
  cmake_parse_arguments(ARG "" "" "USES;LINKS" ${ARGN})
  add_library(llmdyno_${name} OBJECT)
  set_target_properties(llmdyno_${name} PROPERTIES LINKER_LANGUAGE CXX POSITION_INDEPENDENT_CODE ON)
  target_include_directories(llmdyno_${name} PUBLIC
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
    PRIVATE "${PROJECT_SOURCE_DIR}/lib")
  target_link_libraries(llmdyno_${name} PUBLIC ${ARG_LINKS} PRIVATE llmdyno_developer_flags)
  set_property(GLOBAL APPEND PROPERTY LLMDYNO_MODULES ${name})
  set_property(GLOBAL PROPERTY LLMDYNO_USES_${name} "${ARG_USES}")
  add_subdirectory(${name})
endfunction()

function(llmdyno_module_sources name)
  foreach(file IN LISTS ARGN)
    target_sources(llmdyno_${name} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
  endforeach()
endfunction()

# Collects modules into one library that users link: llmdyno_library(<name> MODULES ... LINKS ...).
function(llmdyno_library name)
  cmake_parse_arguments(ARG "" "" "MODULES;LINKS" ${ARGN})
  if(name STREQUAL "llmdyno")
    set(target llmdyno)
  else()
    set(target llmdyno-${name})
  endif()
  add_library(${target})
  add_library(llmdyno::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} LINKER_LANGUAGE CXX VERSION ${PROJECT_VERSION})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>" "$<INSTALL_INTERFACE:include>")
  foreach(module IN LISTS ARG_MODULES)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:llmdyno_${module}>)
  endforeach()
  target_link_libraries(${target} PUBLIC ${ARG_LINKS})
  # Sanitizer and coverage runtimes must reach every program that links the objects.
  if(LLMDYNO_SANITIZE OR LLMDYNO_COVERAGE)
    target_link_libraries(${target} PUBLIC "$<BUILD_INTERFACE:llmdyno_developer_flags>")
  endif()
endfunction()

# Writes the layer table where the `layering` test reads it: one line "module: uses uses ..." per module.
function(llmdyno_write_layer_table file)
  get_property(modules GLOBAL PROPERTY LLMDYNO_MODULES)
  set(text "")
  foreach(module IN LISTS modules)
    get_property(uses GLOBAL PROPERTY LLMDYNO_USES_${module})
    list(JOIN uses " " uses)
    string(APPEND text "${module}: ${uses}\n")
  endforeach()
  file(WRITE "${file}" "${text}")
endfunction()
