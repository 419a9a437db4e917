# `cpack -G DEB` in a build tree makes two packages: `llmdyno` has the programs, the shared libraries, manual pages and
# completions; `llmdyno-dev` what is needed to build with the library. `cpack -G TGZ` packs the same without Debian.

include(GNUInstallDirs)

set(CPACK_PACKAGE_NAME llmdyno)
set(CPACK_PACKAGE_VENDOR "llmdyno")
# Whoever gives packages to others says here who answers for them.
set(LLMDYNO_PACKAGE_CONTACT "llmdyno developers <llmdyno@localhost>" CACHE STRING "Maintainer named in packages")
set(CPACK_PACKAGE_CONTACT "${LLMDYNO_PACKAGE_CONTACT}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "dynamometer for language-model engines")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL runtime development)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/cmake/debian_touch_up.cmake")

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME llmdyno)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME llmdyno-dev)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION net)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_RUNTIME_DESCRIPTION "Puts an OpenAI-compatible endpoint under load and says how many tokens
a second it makes, how soon the first one comes and what a million of them
cost, and whether the numbers can be trusted.")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "Headers, libraries, the CMake package and pkg-config files, to embed
llmdyno in other tools and to write extensions for it.")
# Of the programs and shared libraries dpkg-shlibdeps finds out; static libraries name nothing, so it is said here.
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${PROJECT_BINARY_DIR}/lib")
# ldconfig hears of the libraries.
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "llmdyno (= ${PROJECT_VERSION}), libabsl-dev, libcurl4-openssl-dev | \
libcurl-dev, libpng-dev, libsimdjson-dev")
# Draws plots; without it their scripts are left.
set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS "ca-certificates, gnuplot-nox | gnuplot")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "cmake, pkgconf | pkg-config")

# Where Debian wants them.
foreach(package IN ITEMS llmdyno llmdyno-dev)
  set(component runtime)
  if(package STREQUAL "llmdyno-dev")
    set(component development)
  endif()
  install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/${package}" RENAME copyright
    COMPONENT ${component})
endforeach()
install(FILES "${PROJECT_SOURCE_DIR}/CHANGELOG.md" "${PROJECT_SOURCE_DIR}/README.md"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/llmdyno" COMPONENT runtime)
# Beside one another, as the documents point at the examples.
install(DIRECTORY "${PROJECT_SOURCE_DIR}/docs" "${PROJECT_SOURCE_DIR}/examples"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/llmdyno" COMPONENT development
  PATTERN "api" EXCLUDE)

include(CPack)
