// SPDX-License-Identifier: Apache-2.0
// deadlock_all_asleep_abba.cc: main waits for two goroutines that hold each other up; the runtime finds nobody
// left.
//
//   first      second      main
//   Lock a     Lock b      .
//   Lock b     Lock a      Wait
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// exit: 2
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

static stray::Mutex a, b;

int main() {
  return stray::Main([] {
    // On one processor they park in the same order, and the stacks on standard error are the same every time.
    stray::SetMaxProcs(1);
    auto locked = stray::MakeChan<stray::Unit>();
    auto go_on = stray::MakeChan<stray::Unit>();
    stray::WaitGroup both;
    both.Go("first", [=] {
      a.Lock();
      locked.Send({});
      go_on.Recv();
      b.Lock();  // want deadlock.cycle x1: Two goroutines wait for each other: .* \[sync.Mutex.Lock\]
    });
    both.Go("second", [=] {
      b.Lock();
      locked.Send({});
      go_on.Recv();
      a.Lock();
    });
    locked.Recv();
    locked.Recv();
    go_on.Close();
    both.Wait();  // want deadlock.all: main waits in sync.WaitGroup.Wait
  });
}
