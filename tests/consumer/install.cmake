# cmake -DBUILD=<build tree> -DPREFIX=<folder> -P install.cmake: installs what is built; compiles nothing.
include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")
file(REMOVE_RECURSE "${PREFIX}")
run(unused ${CMAKE_COMMAND} --install "${BUILD}" --prefix "${PREFIX}")

foreach(name IN ITEMS bin/llmdyno bin/llmdyno-race include/llmdyno/llmdyno.h share/man/man1/llmdyno-race.1
                      share/bash-completion/completions/llmdyno share/zsh/vendor-completions/_llmdyno
                      share/fish/vendor_completions.d/llmdyno.fish)
  if(NOT EXISTS "${PREFIX}/${name}")
    message(FATAL_ERROR "${name} was not installed")
  endif()
endforeach()
# The dispatcher finds its programs wherever the tree lies.
run(version "${PREFIX}/bin/llmdyno" race --version)
if(NOT version MATCHES "^llmdyno-race [0-9]")
  message(FATAL_ERROR "the installed llmdyno race --version says: ${version}")
endif()
# Nothing of what is private or of the tests' comes along.
file(GLOB_RECURSE headers RELATIVE "${PREFIX}/include" "${PREFIX}/include/*")
foreach(header IN LISTS headers)
  if(NOT header MATCHES "^llmdyno(\\.h|/.*\\.h)$")
    message(FATAL_ERROR "include/${header} was installed, which is none of the public headers")
  endif()
endforeach()
