// SPDX-License-Identifier: Apache-2.0
// deadlock_wait_group_all_asleep.cc: Go of the group calls Done on every path.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/wait_group.h>

static stray::WaitGroup workers;

int main() {
  return stray::Main([] {
    for (int i = 0; i < 2; ++i) {
      workers.Go("worker", [i] {
        if (i == 1) return;
        stray::Yield();
      });
    }
    workers.Wait();
  });
}
