// SPDX-License-Identifier: Apache-2.0
// race_order_one_thread.cc: goroutines that the only thread runs one after the other: neither that, nor
// yielding to each other, nor sleeping, nor the end of one orders them.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_go.cc
#include <stray/go.h>
#include <stray/wait_group.h>

long yielded, slept;

int main() {
  stray::SetMaxProcs(1);
  return stray::Main([] {
    using std::chrono_literals::operator""ms;
    stray::WaitGroup both;
    both.Go("first", [] {
      stray::Sleep(2ms);
      // want race.data x1: written by G\d+ "first" at .* and written by G\d+ "second" at
      slept = 1;
      yielded = 1;
      for (int i = 0; i < 20; ++i) stray::Yield();
    });
    both.Go("second", [] {
      slept = 2;
      stray::Sleep(30ms);
      // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
      yielded = 2;
    });
    both.Wait();
  });
}
