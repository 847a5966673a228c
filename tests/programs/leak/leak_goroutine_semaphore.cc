// SPDX-License-Identifier: Apache-2.0
// leak_goroutine_semaphore.cc: one who has a part of a weighted semaphore ends without giving it back.
//
//   first            keeper            waiter
//   Acquire, Release Acquire, return   Acquire     nobody releases it again
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/go.h>
#include <stray/semaphore.h>
#include <stray/wait_group.h>

#include "tests/support/parked.h"

static stray::Semaphore slots(1);

int main() {
  return stray::Main([] {
    stray::WaitGroup ended;
    ended.Go("first", [] {
      slots.Acquire();
      slots.Release();
    });
    ended.Wait();
    ended.Go("keeper", [] { slots.Acquire(); });
    ended.Wait();
    stray::Go("waiter", [] {
      // want leak.blocked: last one that released it was G\d+ "first" at main.*, which has ended since
      slots.Acquire();
    });
    stray::AwaitParked(stray::WaitReason::kSemacquire, &slots);
  });
}
