// SPDX-License-Identifier: Apache-2.0
// leak_wait_group_add_too_much.cc: one Add for each start, right before it.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/wait_group.h>

int main() {
  return stray::Main([] {
    stray::WaitGroup workers;
    for (int i = 0; i < 3; ++i) {
      workers.Add(1);
      stray::Go("worker", [&workers] { workers.Done(); });
    }
    workers.Wait();
  });
}
