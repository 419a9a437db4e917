# A module is a folder of lib/ with its headers in include/llmdyno/<module>. It is compiled as an object
# library and collected into one of the shipped targets.
#
#   llmdyno_module(<name> [USES <module>...] [LINKS <target>...])   in lib/CMakeLists.txt: the layer table
#   llmdyno_module_sources(<name> <file>...)                        in lib/<name>/CMakeLists.txt
#
# USES is the design: it decides which headers the module may include, and the `layering` test fails with
# a sentence when a file includes anything else. LINKS names third-party targets.

set_property(GLOBAL PROPERTY LLMDYNO_MODULES "")
set_property(GLOBAL PROPERTY LLMDYNO_LIBRARIES "")

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

# Collects modules into one library that users link:
#
#   llmdyno_library(<name> MODULES <module>... [LIBRARIES <library>...] [LINKS <target>...] [PRIVATE_LINKS <target>...])
#
# LIBRARIES are others of ours. LINKS is what public headers show, so that users compile and link against it;
# PRIVATE_LINKS is what our objects alone call: with the shared library nobody else needs it. What is but headers
# (Boost, nlohmann_json) belongs to neither: the modules name it.
#
# The objects are compiled once and linked into a static library, a shared one, or both. llmdyno::<name> is the static
# one where it is built, unless BUILD_SHARED_LIBS asks for the other.
function(llmdyno_library name)
  cmake_parse_arguments(ARG "" "" "MODULES;LIBRARIES;LINKS;PRIVATE_LINKS" ${ARGN})
  if(name STREQUAL "llmdyno")
    set(target llmdyno)
  else()
    set(target llmdyno-${name})
  endif()
  set(preferred "")
  foreach(linkage IN ITEMS static shared)
    string(TOUPPER ${linkage} LINKAGE)
    if(NOT LLMDYNO_BUILD_${LINKAGE})
      continue()
    endif()
    _llmdyno_linked_library(${target}-${linkage} ${name} ${linkage})
    set_target_properties(${target}-${linkage} PROPERTIES OUTPUT_NAME ${target})
    if(preferred STREQUAL "" OR BUILD_SHARED_LIBS)
      set(preferred ${linkage})
    endif()
  endforeach()
  add_library(llmdyno::${name} ALIAS ${target}-${preferred})
  set_property(GLOBAL APPEND PROPERTY LLMDYNO_LIBRARIES ${name})
  foreach(list IN ITEMS LIBRARIES LINKS PRIVATE_LINKS)
    set_property(GLOBAL PROPERTY LLMDYNO_${list}_${name} "${ARG_${list}}")
  endforeach()
endfunction()

# One linkage of a library; a part of llmdyno_library, whose arguments it sees.
function(_llmdyno_linked_library target name linkage)
  string(TOUPPER ${linkage} LINKAGE)
  add_library(${target} ${LINKAGE})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} LINKER_LANGUAGE CXX)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>")
  foreach(module IN LISTS ARG_MODULES)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:llmdyno_${module}>)
  endforeach()
  foreach(library IN LISTS ARG_LIBRARIES)
    string(REPLACE "llmdyno-llmdyno" "llmdyno" used "llmdyno-${library}-${linkage}")
    target_link_libraries(${target} PUBLIC ${used})
  endforeach()
  target_link_libraries(${target} PUBLIC ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
  if(linkage STREQUAL "shared")
    # Before 1.0 a minor version may change anything: it is part of the name that programs ask for.
    set_target_properties(${target} PROPERTIES
      VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
      LINK_DEPENDS "${PROJECT_SOURCE_DIR}/lib/exports.map")
    target_link_options(${target} PRIVATE
      "LINKER:--version-script=${PROJECT_SOURCE_DIR}/lib/exports.map" LINKER:-Bsymbolic-functions)
    if(NOT LLMDYNO_SANITIZE)
      target_link_options(${target} PRIVATE LINKER:--no-undefined)
    endif()
  endif()
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
