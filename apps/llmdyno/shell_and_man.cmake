# Manual pages and completions are printed by the programs themselves, so that no flag is forgotten. Where the programs
# cannot run on the machine that builds them there are none.

set(programs llmdyno llmdyno-race llmdyno-qps llmdyno-sweep llmdyno-embed llmdyno-selftest llmdyno-sim llmdyno-report llmdyno-plugins)
set(program_targets llmdyno-dispatcher)
foreach(program IN LISTS programs)
  if(NOT program STREQUAL "llmdyno")
    list(APPEND program_targets ${program}-app)
  endif()
endforeach()

set(folder "${PROJECT_BINARY_DIR}/share")
set(generated "")
# Files of a failed command must not look finished: they are moved into place.
function(_llmdyno_print file)
  add_custom_command(OUTPUT "${folder}/${file}"
    COMMAND $<TARGET_FILE:llmdyno-dispatcher> ${ARGN} > "${folder}/${file}.part"
    COMMAND ${CMAKE_COMMAND} -E rename "${folder}/${file}.part" "${folder}/${file}"
    DEPENDS ${program_targets} COMMENT "Writing share/${file}" VERBATIM)
  set(generated ${generated} "${folder}/${file}" PARENT_SCOPE)
endfunction()

foreach(part IN ITEMS man bash-completion zsh fish)
  file(MAKE_DIRECTORY "${folder}/${part}")
endforeach()
foreach(program IN LISTS programs)
  _llmdyno_print(man/${program}.1 man-page ${program})
  # bash and fish look for a file of the program's own name, zsh reads on its first line whom it is for.
  if(NOT program STREQUAL "llmdyno")
    file(WRITE "${folder}/bash-completion/${program}" ". \"\${BASH_SOURCE[0]%/*}/llmdyno\"\n")
    file(WRITE "${folder}/fish/${program}.fish" "source (status dirname)/llmdyno.fish\n")
  endif()
endforeach()
_llmdyno_print(bash-completion/llmdyno completions bash)
_llmdyno_print(zsh/_llmdyno completions zsh)
_llmdyno_print(fish/llmdyno.fish completions fish)
add_custom_target(llmdyno-shell-and-man ALL DEPENDS ${generated})

if(LLMDYNO_INSTALL)
  install(DIRECTORY "${folder}/man/" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT runtime
    FILES_MATCHING PATTERN "*.1")
  install(DIRECTORY "${folder}/bash-completion/" DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions"
    COMPONENT runtime FILES_MATCHING PATTERN "llmdyno*" PATTERN "*.part" EXCLUDE)
  install(DIRECTORY "${folder}/zsh/" DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions" COMPONENT runtime
    FILES_MATCHING PATTERN "_llmdyno")
  install(DIRECTORY "${folder}/fish/" DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d"
    COMPONENT runtime FILES_MATCHING PATTERN "*.fish")
endif()
