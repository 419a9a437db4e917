# CPack runs this between installing into a folder of its own and packing that folder: what Debian asks of a package and
# nobody else does.
if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()
file(GLOB_RECURSE pages "${CPACK_TEMPORARY_DIRECTORY}/llmdyno*.1")
if(NOT pages)
  message(FATAL_ERROR "no manual pages were found under ${CPACK_TEMPORARY_DIRECTORY}")
endif()
find_program(gzip gzip REQUIRED)
foreach(page IN LISTS pages)
  execute_process(COMMAND "${gzip}" -9nf "${page}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()
# The licence's text is on every Debian system already.
file(GLOB_RECURSE copyrights "${CPACK_TEMPORARY_DIRECTORY}/copyright")
foreach(copyright IN LISTS copyrights)
  file(WRITE "${copyright}" "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: llmdyno

Files: *
Copyright: the llmdyno developers
License: Apache-2.0
 The full text is in /usr/share/common-licenses/Apache-2.0.
")
endforeach()
