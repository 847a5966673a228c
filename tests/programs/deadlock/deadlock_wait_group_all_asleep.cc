// SPDX-License-Identifier: Apache-2.0
// deadlock_wait_group_all_asleep.cc: main waits for a worker that forgets Done on one path, and nobody is left.
//
//   main          worker
//   Add 2, Go 2   Done         one of the two
//   Wait          return
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// exit: 2
#include <stray/go.h>
#include <stray/wait_group.h>

static stray::WaitGroup workers;

int main() {
  return stray::Main([] {
    // On one processor they park in the same order, and the stacks on standard error are the same every time.
    stray::SetMaxProcs(1);
    for (int i = 0; i < 2; ++i) {
      workers.Add(1);
      stray::Go("worker", [i] {
        if (i == 1) return;
        workers.Done();
      });
    }
    workers.Wait();  // want deadlock.all: main waits in sync.WaitGroup.Wait
  });
}
