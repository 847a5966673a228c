# SPDX-License-Identifier: Apache-2.0
# stray_instrument(TARGET [ENGINE tsan|trace]): builds TARGET for data race detection, so that `stray run` reports its
# races.
#
#   tsan    (default) ThreadSanitizer, of whatever compiler is in use, and what hands its reports on to stray: it
#           finds the races that happen
#   trace   stray's own recorder in its place: `stray run --trace` finds races, and deadlocks, that another order of
#           the same events would have shown
#
# All code of the program should be built so; code that is not is not looked at, and its synchronization not always
# understood.
function(stray_instrument target)
  cmake_parse_arguments(PARSE_ARGV 1 instrument "" "ENGINE" "")
  if(instrument_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "stray_instrument(${target}): what is \"${instrument_UNPARSED_ARGUMENTS}\"?")
  endif()
  target_compile_options(${target} PRIVATE -fsanitize=thread -g -fno-omit-frame-pointer)
  if(NOT instrument_ENGINE OR instrument_ENGINE STREQUAL "tsan")
    target_link_options(${target} PRIVATE -fsanitize=thread)
    target_link_libraries(${target} PRIVATE stray::race)
  elseif(instrument_ENGINE STREQUAL "trace")
    # Without it clang leaves out the read of x++, and with it where the value came from.
    target_compile_options(${target} PRIVATE
      "$<$<COMPILE_LANG_AND_ID:CXX,Clang>:SHELL:-mllvm -tsan-instrument-read-before-write=1>"
      "$<$<COMPILE_LANG_AND_ID:C,Clang>:SHELL:-mllvm -tsan-instrument-read-before-write=1>")
    target_link_libraries(${target} PRIVATE stray::recorder)
  else()
    message(FATAL_ERROR "stray_instrument(${target}): ENGINE is tsan or trace, not \"${instrument_ENGINE}\"")
  endif()
endfunction()
