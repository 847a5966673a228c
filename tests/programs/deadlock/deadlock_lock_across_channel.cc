// SPDX-License-Identifier: Apache-2.0
// deadlock_lock_across_channel.cc: a mutex is held across a send whose receiver needs the mutex first.
//
//   producer           consumer
//   Lock               .
//   Send value         Lock          waits for the producer, who waits for it to receive
//   Unlock             Recv value
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan static-asan shared-asan
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>

#include "tests/support/parked.h"

static stray::Mutex mutex;

int main() {
  return stray::Main([] {
    auto values = stray::MakeChan<int>();
    stray::Go("producer", [values] {
      mutex.Lock();
      // want leak.blocked x1: "producer" waits in chan send
      // missed(#5) deadlock.cycle: "producer" .*\[chan send\]
      values.Send(1);
      mutex.Unlock();
    });
    stray::AwaitParked(stray::WaitReason::kChanSend, values.get());
    stray::Go("consumer", [values] {
      // behind leak.blocked x1: "consumer" blocked \[sync.Mutex.Lock\]
      mutex.Lock();
      values.Recv();
      mutex.Unlock();
    });
    stray::AwaitParked(stray::WaitReason::kSyncMutexLock, &mutex);
  });
}
