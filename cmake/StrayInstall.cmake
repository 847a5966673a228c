# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` gives besides bin/stray (analyzer/cli installs that): the agent, and what CMake and
# pkg-config users need to find both.
include(CMakePackageConfigHelpers)
include(StrayLibunwind)

# Not the multiarch folder: `stray` looks for its agent beside itself, in ../lib/stray.
set(STRAY_INSTALL_AGENT_DIR lib/stray)
set(STRAY_INSTALL_CONFIG_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/stray")

if(TARGET stray_agent)
  install(TARGETS stray_agent stray_heap LIBRARY DESTINATION "${STRAY_INSTALL_AGENT_DIR}")
endif()
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
# The agent carries libunwind, whose licence asks for its text to be with it.
install(FILES "${STRAY_LIBUNWIND_ROOT}/COPYING" DESTINATION "${CMAKE_INSTALL_DOCDIR}" RENAME LICENSE.libunwind)

# The goroutine runtime: headers as in the source tree, the static library, and its CMake target; and what programs
# that look for data races link.
if(TARGET stray_runtime)
  install(TARGETS stray_runtime stray_gtest stray_race stray_recorder EXPORT strayTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/instrumentation/include/stray" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    FILES_MATCHING PATTERN "*.h")
  install(EXPORT strayTargets NAMESPACE stray:: DESTINATION "${STRAY_INSTALL_CONFIG_DIR}")
  install(FILES "${PROJECT_SOURCE_DIR}/instrumentation/cmake/StrayInstrument.cmake"
    "${PROJECT_SOURCE_DIR}/instrumentation/cmake/StrayTests.cmake" DESTINATION "${STRAY_INSTALL_CONFIG_DIR}")
endif()

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/strayConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/package/strayConfig.cmake"
  INSTALL_DESTINATION "${STRAY_INSTALL_CONFIG_DIR}"
  PATH_VARS STRAY_INSTALL_AGENT_DIR CMAKE_INSTALL_BINDIR)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/package/strayConfigVersion.cmake"
  COMPATIBILITY SameMajorVersion)
install(FILES "${PROJECT_BINARY_DIR}/package/strayConfig.cmake" "${PROJECT_BINARY_DIR}/package/strayConfigVersion.cmake"
  DESTINATION "${STRAY_INSTALL_CONFIG_DIR}")

# The .pc file finds its prefix from its own place (pcfiledir), so an installed tree can be moved.
file(RELATIVE_PATH STRAY_PC_TO_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
foreach(name stray stray-runtime stray-race stray-trace)
  configure_file("${PROJECT_SOURCE_DIR}/cmake/${name}.pc.in" "${PROJECT_BINARY_DIR}/package/${name}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/package/${name}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endforeach()
