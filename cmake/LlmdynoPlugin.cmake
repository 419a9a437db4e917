# llmdyno_add_plugin(<name> SOURCES <file>... [LINKS <target>...])
#
# A plugin as the target <name> and the file lib<name>.so: a module that is loaded, never linked, with its own copy of
# what it calls of llmdyno. It shows its entry point and nothing else, and a symbol that nothing has is told when it is
# linked, not when it is loaded.
function(llmdyno_add_plugin name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  if(NOT ARG_SOURCES)
    message(FATAL_ERROR "llmdyno_add_plugin(${name}): expected SOURCES and at least one file")
  endif()
  add_library(${name} MODULE ${ARG_SOURCES})
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_link_libraries(${name} PRIVATE llmdyno::llmdyno ${ARG_LINKS})
  set_target_properties(${name} PROPERTIES PREFIX lib SUFFIX .so CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
  target_link_options(${name} PRIVATE LINKER:--exclude-libs,ALL)
  if(NOT LLMDYNO_SANITIZE)  # their runtimes are in the program
    target_link_options(${name} PRIVATE LINKER:--no-undefined)
  endif()
endfunction()
