// SPDX-License-Identifier: Apache-2.0
// race_order_rw_mutex.cc: an Unlock comes before each later RLock and Lock, an RUnlock before each later Lock;
// and so for those that only try.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/mutex.h>

#include <mutex>
#include <shared_mutex>

#include "tests/support/in_turn.h"

long shared;
static stray::RWMutex mutex;

int main() {
  return stray::Main([] {
    InTurn(
        [] {
          std::lock_guard writer(mutex);
          shared = 1;
        },
        [] {
          if (!mutex.TryRLock() || shared != 1) return;
          mutex.RUnlock();
        });
    InTurn(
        [] {
          std::shared_lock reader(mutex);
          if (shared != 1) return;
        },
        [] {
          if (!mutex.TryLock()) return;
          shared = 2;
          mutex.Unlock();
        });
    stray::WaitGroup all;
    for (int i = 0; i < 4; ++i) {
      all.Go([] {
        for (int j = 0; j < 100; ++j) {
          std::lock_guard writer(mutex);
          ++shared;
          if (j % 16 == 0) stray::Yield();
        }
      });
      all.Go([] {
        for (int j = 0; j < 100; ++j) {
          std::shared_lock reader(mutex);
          if (shared < 2) stray::Panic("less than before");
          if (j % 16 == 0) stray::Yield();
        }
      });
    }
    all.Wait();
    return shared == 402 ? 0 : 1;
  });
}
