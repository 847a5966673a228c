// SPDX-License-Identifier: Apache-2.0
// deadlock_goroutines_ring3.cc: three goroutines, each with one mutex and on its way to that of the next.
//
//   "0"         "1"         "2"
//   Lock 0      Lock 1      Lock 2
//   Lock 1      Lock 2      Lock 0
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>

#include <string>

#include "tests/support/parked.h"

static stray::Mutex mutexes[3];

int main() {
  return stray::Main([] {
    auto locked = stray::MakeChan<stray::Unit>();
    auto go_on = stray::MakeChan<stray::Unit>();
    for (int i = 0; i < 3; ++i) {
      stray::Go(std::to_string(i), [=] {
        mutexes[i].Lock();
        locked.Send({});
        go_on.Recv();
        // want deadlock.cycle x1: 3 goroutines wait for each other .* \[sync.Mutex.Lock\]
        mutexes[(i + 1) % 3].Lock();
      });
    }
    for (int i = 0; i < 3; ++i) locked.Recv();
    go_on.Close();
    for (stray::Mutex& mutex : mutexes) stray::AwaitParked(stray::WaitReason::kSyncMutexLock, &mutex);
  });
}
