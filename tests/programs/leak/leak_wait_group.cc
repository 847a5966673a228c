// SPDX-License-Identifier: Apache-2.0
// leak_wait_group.cc: one path of the worker forgets Done, so who waits for all of them waits for ever.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/wait_group.h>

static stray::WaitGroup workers;

int main() {
  return stray::Main([] {
    auto worked = stray::MakeChan<stray::Unit>();
    for (int i = 0; i < 3; ++i) {
      workers.Add(1);
      stray::Go("worker", [worked, i] {
        if (i != 1) workers.Done();
        worked.Send({});
      });
    }
    stray::Go("waiter", [] {
      // want leak.blocked: last one that called Done on it was G\d+ "worker" at main.*, which has ended since
      workers.Wait();  // want leak.blocked: goroutine "waiter" blocked \[sync.WaitGroup.Wait\]
    });
    for (int i = 0; i < 3; ++i) worked.Recv();
  });
}
