// SPDX-License-Identifier: Apache-2.0
// deadlock_abba_on_heap.cc: two goroutines take two mutexes in opposite orders; each mutex is a block of its
// own, and only the two have them.
//
//   G "first"      G "second"
//   Lock *a        Lock *b
//   Lock *b        Lock *a
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --prove --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>

static void Start() {
  auto* a = new stray::Mutex;
  auto* b = new stray::Mutex;
  auto locked = stray::MakeChan<stray::Unit>();
  auto go_on = stray::MakeChan<stray::Unit>();
  stray::Go("first", [=] {
    a->Lock();
    locked.Send({});
    go_on.Recv();
    b->Lock();  // want deadlock.cycle x1: goroutine "first" .*\[sync.Mutex.Lock\]
  });
  stray::Go("second", [=] {
    b->Lock();
    locked.Send({});
    go_on.Recv();
    a->Lock();
  });
  locked.Recv();
  locked.Recv();
  go_on.Close();
}

int main() {
  return stray::Main([] { Start(); });
}
