# Rules of `cmake --install`: libraries, headers, the CMake package, pkg-config files, the folder of plugins. Programs,
# manual pages and completions are installed where they are built, in apps. Nothing names an absolute folder: an
# installed tree can be moved.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# What third-party targets are called elsewhere: the package of find_package and the module of pkg-config.
function(_llmdyno_third_party target package module)
  set(found_package "")
  set(found_module "")
  if(target MATCHES "^absl::(.+)$")
    set(found_package absl)
    set(found_module absl_${CMAKE_MATCH_1})
  elseif(target STREQUAL "simdjson::simdjson")
    set(found_package simdjson)
    set(found_module simdjson)
  elseif(target STREQUAL "CURL::libcurl")
    set(found_package CURL)
    set(found_module libcurl)
  elseif(target STREQUAL "PNG::PNG")
    set(found_package PNG)
    set(found_module libpng)
  elseif(target STREQUAL "Threads::Threads")
    set(found_package Threads)  # pkg-config has no module for it: the C library holds threads
  else()
    message(FATAL_ERROR "LlmdynoInstall.cmake does not know which package ${target} is from: say so in "
                        "_llmdyno_third_party")
  endif()
  set(${package} "${found_package}" PARENT_SCOPE)
  set(${module} "${found_module}" PARENT_SCOPE)
endfunction()

# Sets `packages` and `modules` to what the targets come from, without repetitions.
function(_llmdyno_third_parties packages modules)
  set(all_packages "")
  set(all_modules "")
  foreach(target IN LISTS ARGN)
    _llmdyno_third_party(${target} package module)
    list(APPEND all_packages ${package})
    list(APPEND all_modules ${module})
  endforeach()
  list(REMOVE_DUPLICATES all_packages)
  set(${packages} "${all_packages}" PARENT_SCOPE)
  set(${modules} "${all_modules}" PARENT_SCOPE)
endfunction()

# One pkg-config file for each linkage in the build's pkgconfig/, of which one is installed: that of the shared library
# where it is built. A static library has to be linked with all that it calls, so its file requires everything.
function(_llmdyno_pkg_config name)
  get_property(libraries GLOBAL PROPERTY LLMDYNO_LIBRARIES_${name})
  get_property(links GLOBAL PROPERTY LLMDYNO_LINKS_${name})
  get_property(private_links GLOBAL PROPERTY LLMDYNO_PRIVATE_LINKS_${name})
  _llmdyno_third_parties(packages modules ${links})
  _llmdyno_third_parties(packages private_modules ${private_links})
  set(PC_NAME llmdyno-${name})
  if(name STREQUAL "llmdyno")
    set(PC_NAME llmdyno)
  endif()
  set(ours "")
  foreach(library IN LISTS libraries)
    string(REPLACE "llmdyno-llmdyno" "llmdyno" library "llmdyno-${library}")
    list(APPEND ours "${library} = ${PROJECT_VERSION}")
  endforeach()
  file(RELATIVE_PATH PC_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
  string(REGEX REPLACE "/$" "" PC_PREFIX "${PC_PREFIX}")
  foreach(linkage IN ITEMS static shared)
    set(public ${ours} ${modules})
    set(private ${private_modules})
    if(linkage STREQUAL "static")
      list(APPEND public ${private})
      set(private "")
    endif()
    list(JOIN public ", " PC_REQUIRES)
    list(JOIN private ", " PC_REQUIRES_PRIVATE)
    configure_file("${PROJECT_SOURCE_DIR}/cmake/llmdyno.pc.in"
      "${PROJECT_BINARY_DIR}/pkgconfig/${linkage}/${PC_NAME}.pc" @ONLY)
  endforeach()
  set(installed static)
  if(LLMDYNO_BUILD_SHARED)
    set(installed shared)
  endif()
  install(FILES "${PROJECT_BINARY_DIR}/pkgconfig/${installed}/${PC_NAME}.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT development)
endfunction()

# llmdyno-c.pc, for programs that are not C++: no -std=c++20, and nothing whose headers they would need. The shared
# library brings what it calls; beside the static one all of it has to be named, the C++ runtime included.
function(_llmdyno_pkg_config_c)
  get_property(links GLOBAL PROPERTY LLMDYNO_LINKS_analysis)
  get_property(analysis_links GLOBAL PROPERTY LLMDYNO_PRIVATE_LINKS_analysis)
  get_property(private_links GLOBAL PROPERTY LLMDYNO_PRIVATE_LINKS_llmdyno)
  _llmdyno_third_parties(packages modules ${links} ${analysis_links} ${private_links})
  list(REMOVE_DUPLICATES modules)
  file(RELATIVE_PATH PC_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
  string(REGEX REPLACE "/$" "" PC_PREFIX "${PC_PREFIX}")
  set(PC_REQUIRES "")
  set(PC_LIBS "-lllmdyno")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/llmdyno-c.pc.in"
    "${PROJECT_BINARY_DIR}/pkgconfig/shared/llmdyno-c.pc" @ONLY)
  list(JOIN modules ", " PC_REQUIRES)
  set(PC_LIBS "-lllmdyno -lllmdyno-analysis")
  set(PC_RUNTIME "-lstdc++ -lm -lpthread")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/llmdyno-c.pc.in"
    "${PROJECT_BINARY_DIR}/pkgconfig/static/llmdyno-c.pc" @ONLY)
  set(installed static)
  if(LLMDYNO_BUILD_SHARED)
    set(installed shared)
  endif()
  install(FILES "${PROJECT_BINARY_DIR}/pkgconfig/${installed}/llmdyno-c.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT development)
endfunction()

# The libraries of one name, each linkage with an export of its own, so that find_package asks only for what it needs.
function(_llmdyno_install_library name)
  set(target llmdyno-${name})
  if(name STREQUAL "llmdyno")
    set(target llmdyno)
  endif()
  foreach(linkage IN ITEMS static shared)
    if(NOT TARGET ${target}-${linkage})
      continue()
    endif()
    if(linkage STREQUAL "shared")
      # They lie side by side, wherever that is.
      set_target_properties(${target}-shared PROPERTIES INSTALL_RPATH "$ORIGIN")
    endif()
    install(TARGETS ${target}-${linkage} EXPORT llmdyno-${name}-${linkage}-targets
      LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT runtime NAMELINK_COMPONENT development
      ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development
      INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
    install(EXPORT llmdyno-${name}-${linkage}-targets NAMESPACE llmdyno::
      DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/llmdyno" COMPONENT development)
  endforeach()
endfunction()

# Everything that lib/ makes. Call it behind the last llmdyno_library().
function(llmdyno_install_libraries)
  get_property(LLMDYNO_COMPONENTS GLOBAL PROPERTY LLMDYNO_LIBRARIES)
  set(LLMDYNO_COMPONENT_TABLE "")
  foreach(name IN LISTS LLMDYNO_COMPONENTS)
    _llmdyno_install_library(${name})
    _llmdyno_pkg_config(${name})
    get_property(libraries GLOBAL PROPERTY LLMDYNO_LIBRARIES_${name})
    get_property(links GLOBAL PROPERTY LLMDYNO_LINKS_${name})
    get_property(private_links GLOBAL PROPERTY LLMDYNO_PRIVATE_LINKS_${name})
    _llmdyno_third_parties(shared_packages unused ${links})
    _llmdyno_third_parties(static_packages unused ${links} ${private_links})
    string(APPEND LLMDYNO_COMPONENT_TABLE
      "set(_llmdyno_uses_${name} \"${libraries}\")\n"
      "set(_llmdyno_static_packages_${name} \"${static_packages}\")\n"
      "set(_llmdyno_shared_packages_${name} \"${shared_packages}\")\n")
  endforeach()
  _llmdyno_pkg_config_c()
  set(LLMDYNO_LINKAGES "")
  foreach(linkage IN ITEMS static shared)
    string(TOUPPER ${linkage} LINKAGE)
    if(LLMDYNO_BUILD_${LINKAGE})
      list(APPEND LLMDYNO_LINKAGES ${linkage})
    endif()
  endforeach()

  set(LLMDYNO_PLUGIN_DIR "${CMAKE_INSTALL_LIBDIR}/llmdyno/plugins")
  configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/llmdyno-config.cmake.in"
    "${PROJECT_BINARY_DIR}/llmdyno-config.cmake"
    INSTALL_DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/llmdyno" PATH_VARS LLMDYNO_PLUGIN_DIR)
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/llmdyno-config-version.cmake" COMPATIBILITY SameMinorVersion)
  install(FILES "${PROJECT_BINARY_DIR}/llmdyno-config.cmake" "${PROJECT_BINARY_DIR}/llmdyno-config-version.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/LlmdynoPlugin.cmake"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/llmdyno" COMPONENT development)

  set(left_out "")
  if(NOT LLMDYNO_BUILD_SIMULATOR)
    set(left_out PATTERN sim EXCLUDE)
  endif()
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    COMPONENT development FILES_MATCHING PATTERN "*.h" ${left_out})
  # Empty: those who install a plugin find its place.
  install(DIRECTORY DESTINATION "${LLMDYNO_PLUGIN_DIR}" COMPONENT runtime)
endfunction()
