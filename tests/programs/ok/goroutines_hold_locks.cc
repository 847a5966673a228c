// SPDX-License-Identifier: Apache-2.0
// goroutines_hold_locks.cc: goroutines that nothing orders have several locks each, and give them back in the
// order in which they took them. The next goroutine uses what the runtime kept of the last: TSan must not see
// it do so.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/stray.h>

namespace {

void HoldThree() {
  stray::Mutex locks[3];
  for (stray::Mutex& lock : locks) lock.Lock();
  stray::Yield();
  for (stray::Mutex& lock : locks) lock.Unlock();
}

}  // namespace

int main() {
  return stray::Main([] {
    stray::WaitGroup all;
    for (int i = 0; i < 8; ++i) {
      all.Go([&all] {
        for (int j = 0; j < 20; ++j) {
          all.Go(&HoldThree);
          stray::Yield();
        }
      });
    }
    all.Wait();
  });
}
