# SPDX-License-Identifier: Apache-2.0
# modes.cmake: the ways in which a test program is built. For each mode M
#   STRAY_MODE_<M>        true if it can be built here; a mode whose compiler is missing is said and left out
#   STRAY_MODE_<M>_C, _CXX, _FLAGS   compilers and flags
#   STRAY_MODE_<M>_COMPILE           flags for the compiler alone
set(STRAY_PROGRAM_FLAGS -g -pthread -D_GNU_SOURCE -Wall -Wextra -Wno-unused-parameter -I "${PROJECT_SOURCE_DIR}")

function(stray_program_mode mode c_names cxx_names)
  cmake_parse_arguments(PARSE_ARGV 3 arg "" "" "FLAGS;COMPILE")
  list(GET c_names 0 key)
  find_program(STRAY_PROGRAM_C_${key} NAMES ${c_names})
  find_program(STRAY_PROGRAM_CXX_${key} NAMES ${cxx_names})
  mark_as_advanced(STRAY_PROGRAM_C_${key} STRAY_PROGRAM_CXX_${key})
  set(usable FALSE)
  if(STRAY_PROGRAM_C_${key} AND STRAY_PROGRAM_CXX_${key})
    # A program that needs the C++ library and links: tells whether libc++ or the sanitizer runtime is there.
    string(MAKE_C_IDENTIFIER "STRAY_PROGRAM_MODE_${mode}_WORKS" works)
    if(NOT DEFINED ${works})
      set(probe "${CMAKE_CURRENT_BINARY_DIR}/probe.cc")
      file(WRITE "${probe}" "#include <mutex>\nint main() { std::mutex m; m.lock(); m.unlock(); }\n")
      execute_process(COMMAND "${STRAY_PROGRAM_CXX_${key}}" -pthread ${arg_FLAGS} "${probe}" -o "${probe}.out"
                      RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
      if(status EQUAL 0)
        set(${works} TRUE CACHE INTERNAL "")
      else()
        set(${works} FALSE CACHE INTERNAL "")
      endif()
    endif()
    set(usable ${${works}})
  endif()
  if(NOT usable)
    message(STATUS "Test programs are not built in mode ${mode}: no compiler or library for it here")
  endif()
  set(STRAY_MODE_${mode} ${usable} PARENT_SCOPE)
  set(STRAY_MODE_${mode}_C "${STRAY_PROGRAM_C_${key}}" PARENT_SCOPE)
  set(STRAY_MODE_${mode}_CXX "${STRAY_PROGRAM_CXX_${key}}" PARENT_SCOPE)
  set(STRAY_MODE_${mode}_FLAGS "${arg_FLAGS}" PARENT_SCOPE)
  set(STRAY_MODE_${mode}_COMPILE "${arg_COMPILE}" PARENT_SCOPE)
endfunction()

stray_program_mode(gcc-O0 "gcc-12;gcc" "g++-12;g++" FLAGS -O0)
stray_program_mode(gcc-O2 "gcc-12;gcc" "g++-12;g++" FLAGS -O2)
stray_program_mode(clang-libc++ "clang-14" "clang++-14" FLAGS -O1 -stdlib=libc++ -Wno-unused-command-line-argument)
stray_program_mode(static-tsan "clang-19" "clang++-19" FLAGS -O1 -fsanitize=thread)
stray_program_mode(shared-tsan "gcc-12;gcc" "g++-12;g++" FLAGS -O1 -fsanitize=thread)
# UBSan finds no fault in programs that stray is to find one in: it ends them at the first.
set(asan_flags -O1 -fsanitize=address,undefined -fno-sanitize-recover=all)
stray_program_mode(static-asan "clang-19" "clang++-19" FLAGS ${asan_flags})
stray_program_mode(shared-asan "gcc-12;gcc" "g++-12;g++" FLAGS ${asan_flags})
# The compiler's part of ThreadSanitizer with stray's recorder: as stray_instrument(ENGINE trace) has it.
stray_program_mode(gcc-trace "gcc-12;gcc" "g++-12;g++" FLAGS -O1 COMPILE -fsanitize=thread)
stray_program_mode(clang-trace "clang-19" "clang++-19" FLAGS -O1
                   COMPILE -fsanitize=thread -mllvm -tsan-instrument-read-before-write=1)
