// SPDX-License-Identifier: Apache-2.0
// deadlock_goroutines_read_twice.cc: a writer comes between the two read locks of one goroutine.
//
//   reader          writer
//   RLock           .
//   .               Lock        waits for the reader to leave
//   RLock           .           waits behind the writer
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>

#include "tests/support/parked.h"

static stray::RWMutex table;

int main() {
  return stray::Main([] {
    auto reads = stray::MakeChan<stray::Unit>();
    auto again = stray::MakeChan<stray::Unit>();
    stray::Go("reader", [=] {
      table.RLock();
      reads.Send({});
      again.Recv();
      // want deadlock.cycle x1: "reader" .*\[sync.RWMutex.RLock\]
      table.RLock();
    });
    reads.Recv();
    stray::Go("writer", [] { table.Lock(); });
    stray::AwaitParked(stray::WaitReason::kSyncRWMutexLock, &table);
    again.Close();
    stray::AwaitParked(stray::WaitReason::kSyncRWMutexRLock, &table);
  });
}
