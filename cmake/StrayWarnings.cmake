# SPDX-License-Identifier: Apache-2.0
# One INTERFACE target carries the warnings; one more the sanitizer. The agent links the first only.
add_library(stray_warnings INTERFACE)
target_compile_options(stray_warnings INTERFACE
  -Wall -Wextra -Wshadow
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:Clang>>:-Wthread-safety>
  # std::stable_sort of libstdc++ 12 uses what libstdc++ calls deprecated, and clang from 18 on says so at each use
  # of ours. The other compilers still warn of what we use ourselves. Can go with libstdc++ 13.
  $<$<AND:$<COMPILE_LANG_AND_ID:CXX,Clang>,$<VERSION_GREATER_EQUAL:$<CXX_COMPILER_VERSION>,18>>:-Wno-deprecated-declarations>
  $<$<BOOL:${STRAY_WERROR}>:-Werror>)

add_library(stray_sanitize INTERFACE)
if(STRAY_SANITIZE)
  # UBSan would else print what it finds and go on, and the test would pass.
  target_compile_options(stray_sanitize INTERFACE
    -fsanitize=${STRAY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(stray_sanitize INTERFACE -fsanitize=${STRAY_SANITIZE})
endif()
