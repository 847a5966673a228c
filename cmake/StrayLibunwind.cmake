# SPDX-License-Identifier: Apache-2.0
# stray::libunwind: the stack walker that the agent links. Built by scripts/build-libunwind if it is not there yet
# (that script says why not Debian's binary).
include_guard(GLOBAL)
set(_stray_host "")
set(_stray_host_suffix "")
if(CMAKE_CROSSCOMPILING)
  set(_stray_host "${CMAKE_LIBRARY_ARCHITECTURE}")
  set(_stray_host_suffix "-${_stray_host}")
endif()
set(STRAY_LIBUNWIND_ROOT "${PROJECT_SOURCE_DIR}/build/deps/libunwind${_stray_host_suffix}" CACHE PATH
  "Where scripts/build-libunwind puts, or has put, the agent's libunwind")

# The script compares a stamp, so this costs nothing when the library is up to date.
execute_process(COMMAND "${PROJECT_SOURCE_DIR}/scripts/build-libunwind" "${STRAY_LIBUNWIND_ROOT}" ${_stray_host}
  RESULT_VARIABLE _stray_result)
if(NOT _stray_result EQUAL 0)
  message(FATAL_ERROR "scripts/build-libunwind failed; set STRAY_LIBUNWIND_ROOT to a finished one, or run scripts/setup")
endif()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/scripts/build-libunwind")

add_library(stray_libunwind STATIC IMPORTED GLOBAL)
set_target_properties(stray_libunwind PROPERTIES
  IMPORTED_LOCATION "${STRAY_LIBUNWIND_ROOT}/lib/libunwind_stray.a"
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${STRAY_LIBUNWIND_ROOT}/include"
  INTERFACE_INCLUDE_DIRECTORIES "${STRAY_LIBUNWIND_ROOT}/include"
  # Only local unwinding: picks libunwind's _UL symbols.
  INTERFACE_COMPILE_DEFINITIONS UNW_LOCAL_ONLY)
add_library(stray::libunwind ALIAS stray_libunwind)
