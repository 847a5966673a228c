# SPDX-License-Identifier: Apache-2.0
# stray_add_tests(TARGET [NAME name] [PER_TEST] [OPTIONS option...] [ARGUMENTS argument...])
#
# Adds a test of ctest that runs TARGET under `stray run`: it fails if TARGET fails, and if it leaves something
# behind. PER_TEST runs each test of GoogleTest, Catch2 or doctest in TARGET in a process of its own. OPTIONS are
# those of `stray run`, ARGUMENTS go to TARGET.
#
#   stray_add_tests(cart_test PER_TEST OPTIONS --timeout 30s)
#
# Tests that are added by other commands (gtest_discover_tests, add_test) run under stray as they are with
#
#   set_target_properties(cart_test PROPERTIES CROSSCOMPILING_EMULATOR "${stray_EXECUTABLE};run;--quiet;--")
function(stray_add_tests target)
  cmake_parse_arguments(PARSE_ARGV 1 stray "PER_TEST" "NAME" "OPTIONS;ARGUMENTS")
  if(stray_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "stray_add_tests(${target}): what is \"${stray_UNPARSED_ARGUMENTS}\"? "
      "OPTIONS are for stray, ARGUMENTS for the program")
  endif()
  if(NOT stray_NAME)
    set(stray_NAME "${target}")
  endif()
  set(command "${stray_EXECUTABLE}")
  if(NOT command AND TARGET stray)
    set(command "$<TARGET_FILE:stray>")
  endif()
  if(stray_PER_TEST)
    list(PREPEND stray_OPTIONS --per-test)
  endif()
  add_test(NAME "${stray_NAME}"
    COMMAND "${command}" run ${stray_OPTIONS} -- "$<TARGET_FILE:${target}>" ${stray_ARGUMENTS})
endfunction()
