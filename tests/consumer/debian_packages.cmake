# cmake -DBUILD=... -DWORK=... -P debian_packages.cmake: makes the packages and looks into them.
include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")
file(REMOVE_RECURSE "${WORK}")
# Quick rather than small: these are thrown away.
run(unused ${CMAKE_CPACK_COMMAND} --config "${BUILD}/CPackConfig.cmake" -G DEB -B "${WORK}"
  -D CPACK_DEBIAN_COMPRESSION_TYPE=gzip)
file(GLOB packages "${WORK}/*.deb")
list(LENGTH packages count)
if(NOT count EQUAL 2)
  message(FATAL_ERROR "expected two packages, got: ${packages}")
endif()
file(GLOB programs "${WORK}/llmdyno_*.deb")
file(GLOB development "${WORK}/llmdyno-dev_*.deb")

function(expect text what)
  foreach(part IN LISTS ARGN)
    if(NOT text MATCHES "${part}")
      message(FATAL_ERROR "${what} lacks ${part}:\n${text}")
    endif()
  endforeach()
endfunction()

run(depends dpkg-deb -f "${programs}" Depends)
expect("${depends}" "Depends of llmdyno" libcurl4 libabsl2 libsimdjson libpng16 libstdc\\+\\+6)
if(depends MATCHES "-dev")
  message(FATAL_ERROR "llmdyno runs without development packages, but depends on ${depends}")
endif()
run(files dpkg-deb -c "${programs}")
expect("${files}" "llmdyno" "/usr/bin/llmdyno\n" /usr/bin/llmdyno-race "/usr/lib[^\n]*/libllmdyno\\.so\\.[0-9.]+ -> "
  /usr/share/man/man1/llmdyno-race\\.1\\.gz /usr/share/bash-completion/completions/llmdyno
  "/llmdyno/plugins/\n" /usr/share/doc/llmdyno/copyright)
string(REGEX MATCHALL " \\./[^\n]*" names "${files}")
foreach(name IN LISTS names)
  if(NOT name MATCHES "^ \\./$|^ \\./usr/" OR name MATCHES "/include/|\\.a$|\\.part")
    message(FATAL_ERROR "llmdyno has${name}, which does not belong there")
  endif()
endforeach()

run(depends dpkg-deb -f "${development}" Depends)
expect("${depends}" "Depends of llmdyno-dev" "llmdyno \\(= [0-9.]+\\)" libabsl-dev libcurl4-openssl-dev libsimdjson-dev)
run(files dpkg-deb -c "${development}")
expect("${files}" "llmdyno-dev" /usr/include/llmdyno/llmdyno\\.h "/libllmdyno\\.a\n" "/libllmdyno\\.so -> "
  /cmake/llmdyno/llmdyno-config\\.cmake /pkgconfig/llmdyno\\.pc)

# It runs from where it is unpacked.
run(unused dpkg-deb -x "${programs}" "${WORK}/root")
run(version "${WORK}/root/usr/bin/llmdyno" sim --help)
