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
      // want leak.blocked x1: "reader" waits to read rwlock table
      // missed(#3) deadlock.cycle: "reader" .*\[sync.RWMutex.RLock\]
      table.RLock();
    });
    reads.Recv();
    stray::Go("writer", [] {
      table.Lock();  // want leak.blocked x1: "writer" waits to write rwlock table\. Who holds it is not known
    });
    stray::AwaitParked(stray::WaitReason::kSyncRWMutexLock, &table);
    again.Close();
    stray::AwaitParked(stray::WaitReason::kSyncRWMutexRLock, &table);
  });
}
