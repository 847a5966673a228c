# SPDX-License-Identifier: Apache-2.0
# stray_instrument(TARGET): builds TARGET for data race detection, so that `stray run` reports its races.
#
# That is ThreadSanitizer, of whatever compiler is in use, and what hands its reports on to stray. All code of the
# program should be built so; code that is not is not looked at, and its synchronization not always understood.
function(stray_instrument target)
  target_compile_options(${target} PRIVATE -fsanitize=thread -g -fno-omit-frame-pointer)
  target_link_options(${target} PRIVATE -fsanitize=thread)
  target_link_libraries(${target} PRIVATE stray::race)
endfunction()
