# SPDX-License-Identifier: Apache-2.0
# One INTERFACE target carries the warnings; one more the sanitizer. The agent links the first only.
add_library(stray_warnings INTERFACE)
target_compile_options(stray_warnings INTERFACE
  -Wall -Wextra -Wshadow
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:Clang>>:-Wthread-safety>
  $<$<BOOL:${STRAY_WERROR}>:-Werror>)

add_library(stray_sanitize INTERFACE)
if(STRAY_SANITIZE)
  target_compile_options(stray_sanitize INTERFACE -fsanitize=${STRAY_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(stray_sanitize INTERFACE -fsanitize=${STRAY_SANITIZE})
endif()
