// SPDX-License-Identifier: Apache-2.0
// race_order_mutex.cc: each Unlock comes before each later Lock, and before each later TryLock that succeeds:
// of who finds it free, who waits, and who unlocks what another has locked.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/mutex.h>

#include <mutex>

#include "tests/support/in_turn.h"

long shared, handed;
static stray::Mutex mutex, baton;

int main() {
  return stray::Main([] {
    InTurn(
        [] {
          std::lock_guard guard(mutex);
          shared = 1;
        },
        [] {
          if (!mutex.TryLock()) return;
          shared = 2;
          mutex.Unlock();
        });
    baton.Lock();
    stray::WaitGroup all;
    for (int i = 0; i < 4; ++i) {
      all.Go([] {
        for (int j = 0; j < 200; ++j) {
          std::lock_guard guard(mutex);
          ++shared;
          if (j % 16 == 0) stray::Yield();
        }
      });
      all.Go([] {
        baton.Lock();
        ++handed;
        stray::Go([] { baton.Unlock(); });
      });
    }
    handed = 1;
    baton.Unlock();
    all.Wait();
    return shared == 802 && handed == 5 ? 0 : 1;
  });
}
