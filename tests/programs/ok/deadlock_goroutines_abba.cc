// SPDX-License-Identifier: Apache-2.0
// deadlock_goroutines_abba.cc: both take them in the same order.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>

static stray::Mutex a, b;

int main() {
  return stray::Main([] {
    stray::WaitGroup done;
    for (int i = 0; i < 2; ++i) {
      done.Go([] {
        for (int j = 0; j < 100; ++j) {
          std::lock_guard first(a);
          stray::Yield();
          std::lock_guard second(b);
        }
      });
    }
    done.Wait();
  });
}
