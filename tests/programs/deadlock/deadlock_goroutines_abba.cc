// SPDX-License-Identifier: Apache-2.0
// deadlock_goroutines_abba.cc: two goroutines take two mutexes of the runtime in opposite orders; main goes on.
//
//   G "first"      G "second"
//   Lock a         Lock b
//   Lock b         Lock a
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>

static stray::Mutex a, b;

int main() {
  return stray::Main([] {
    auto locked = stray::MakeChan<stray::Unit>();
    auto go_on = stray::MakeChan<stray::Unit>();
    stray::Go("first", [=] {
      a.Lock();
      locked.Send({});
      go_on.Recv();
      b.Lock();  // want deadlock.cycle: sync.Mutex.Lock
    });
    stray::Go("second", [=] {
      b.Lock();
      locked.Send({});
      go_on.Recv();
      a.Lock();
    });
    locked.Recv();
    locked.Recv();
    go_on.Close();
  });
}
