# SPDX-License-Identifier: Apache-2.0
# `cpack` in the build directory makes stray_VERSION_ARCH.deb. What it depends on, dpkg-shlibdeps finds.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME stray)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION "stray run -- ./my_tests fails a test run that leaves threads or goroutines behind,
deadlocks, takes locks in orders that will deadlock one day, or misuses them, without building it anew.
stray snapshot PID says who is blocked in a running program, where, on what, and held by whom.")
set(CPACK_PACKAGE_CONTACT "stray developers <stray@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL OFF)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# The agent is for the libraries of other programs to be loaded into: it needs none, and offers none.
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS OFF)
set(CPACK_VERBATIM_VARIABLES ON)
include(CPack)
