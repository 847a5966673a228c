// SPDX-License-Identifier: Apache-2.0
// deadlock_all_asleep_lock_across_channel.cc: main waits for both sides of a send under a mutex; nobody is
// left.
//
//   producer           consumer          main
//   Lock               .                 .
//   Send locked        .                 Recv locked
//   Send value         Lock              Wait
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// exit: 2
// twin: deadlock_lock_across_channel.cc
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

static stray::Mutex mutex;

int main() {
  return stray::Main([] {
    // On one processor they park in the same order, and the stacks on standard error are the same every time.
    stray::SetMaxProcs(1);
    auto values = stray::MakeChan<int>();
    auto locked = stray::MakeChan<stray::Unit>();
    stray::WaitGroup both;
    both.Go("producer", [=] {
      mutex.Lock();
      locked.Send({});
      values.Send(1);  // missed(#5) deadlock.cycle: "producer" .*\[chan send\]
      mutex.Unlock();
    });
    locked.Recv();
    both.Go("consumer", [values] {
      mutex.Lock();
      values.Recv();
      mutex.Unlock();
    });
    both.Wait();  // want deadlock.all: "producer" waits in chan send .* "consumer" waits for mutex mutex
  });
}
