// SPDX-License-Identifier: Apache-2.0
// race_order_semaphore.cc: a Release comes before each later Acquire, of who waits and who does not, with a
// context and without, and before each TryAcquire that succeeds.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/semaphore.h>
#include <stray/wait_group.h>

long shared;
static stray::Semaphore semaphore(2);

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    const auto [context, cancel] = stray::WithCancel(stray::Background());
    stray::WaitGroup all;
    for (int i = 0; i < 3; ++i) {
      all.Go([context = context] {
        for (int j = 0; j < 50; ++j) {
          if (semaphore.Acquire(context, 2)) return;
          ++shared;
          if (j % 8 == 0) stray::Yield();
          semaphore.Release(2);
        }
      });
      all.Go([] {
        for (int j = 0; j < 50; ++j) {
          if (j % 2 == 0 || !semaphore.TryAcquire(2)) semaphore.Acquire(2);
          ++shared;
          if (j % 8 == 0) stray::Yield();
          semaphore.Release(2);
        }
      });
    }
    all.Wait();
    cancel();
    return shared == 300 ? 0 : 1;
  });
}
