// SPDX-License-Identifier: Apache-2.0
// deadlock_prove_lock_across_channel.cc: a mutex is held across a send whose receiver needs the mutex first.
// Nobody has received so far; but only the one that waits for the mutex has the channel at hand.
//
//   producer           consumer
//   Lock               .
//   Send value         Lock          waits for the producer, who waits for it to receive
//   Unlock             Recv value
//
// link: runtime
// flags: --prove --settle 50ms
// twin: deadlock_lock_across_channel.cc
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
      // want deadlock.cycle x1: "producer" waits in chan send .* which .* "consumer" could receive from
      values.Send(1);
      mutex.Unlock();
    });
    stray::AwaitParked(stray::WaitReason::kChanSend, values.get());
    stray::Go("consumer", [values] {
      mutex.Lock();
      values.Recv();
      mutex.Unlock();
    });
    stray::AwaitParked(stray::WaitReason::kSyncMutexLock, &mutex);
  });
}
