// SPDX-License-Identifier: Apache-2.0
// leak_goroutines_behind_leak.cc: one goroutine waits for ever with a mutex locked, and thirty others want it,
// in two places. That is one leak and its consequences.
//
//   holder             readers, writers
//   Lock               .
//   Recv               Lock              nobody sends, so nobody unlocks
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>

#include "tests/support/parked.h"

static stray::Mutex mutex;
static int value = 0;

static void Read() {
  mutex.Lock();  // behind leak.blocked x30: goroutine "reader" blocked \[sync.Mutex.Lock\]
  ++value;
  mutex.Unlock();
}

static void Write() {
  mutex.Lock();  // behind leak.blocked x30: goroutine "writer" blocked \[sync.Mutex.Lock\]
  --value;
  mutex.Unlock();
}

int main() {
  return stray::Main([] {
    auto news = stray::MakeChan<int>();
    stray::Go("holder", [news] {
      mutex.Lock();
      news.Recv();  // want leak.blocked x1: goroutine "holder" blocked \[chan receive\]
      mutex.Unlock();
    });
    stray::AwaitParked(stray::WaitReason::kChanReceive, news.get());
    for (int i = 0; i < 15; ++i) {
      stray::Go("reader", [] { Read(); });
      stray::Go("writer", [] { Write(); });
    }
    stray::AwaitParked(stray::WaitReason::kSyncMutexLock, &mutex, 30);
  });
}
