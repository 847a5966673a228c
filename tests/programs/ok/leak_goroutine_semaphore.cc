// SPDX-License-Identifier: Apache-2.0
// leak_goroutine_semaphore.cc: who has a part of a weighted semaphore gives it back.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/semaphore.h>
#include <stray/wait_group.h>

static stray::Semaphore slots(1);

int main() {
  return stray::Main([] {
    stray::WaitGroup ended;
    for (int i = 0; i < 3; ++i) {
      ended.Go("user", [] {
        slots.Acquire();
        slots.Release();
      });
    }
    ended.Wait();
  });
}
