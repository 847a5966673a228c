// SPDX-License-Identifier: Apache-2.0
// hang_is_none_goroutine_timer.cc: all goroutines wait for longer than a hang takes to be one, but a timer ends
// it.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/context.h>
#include <stray/go.h>
#include <stray/time.h>
#include <stray/wait_group.h>

#include <chrono>

using namespace std::chrono_literals;

int main() {
  return stray::Main([] {
    stray::WaitGroup all;
    all.Go("timer", [] { stray::After(1200ms).Recv(); });
    all.Go("deadline", [] {
      auto [context, cancel] = stray::WithTimeout(stray::Background(), 1200ms);
      context.Done().Recv();
    });
    all.Wait();
  });
}
