// SPDX-License-Identifier: Apache-2.0
// race_order_thread_local.cc: goroutines use errno and a thread-local variable of the threads that they run in,
// one after the other, and between two waits only.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <errno.h>
#include <stray/go.h>
#include <stray/wait_group.h>

thread_local long calls;

// Not inlined, so that no address is kept over a wait.
[[gnu::noinline]] static void Touch() {
  ++calls;
  errno = ERANGE;
  if (errno != ERANGE) stray::Panic("another error");
}

static void Use() {
  for (int i = 0; i < 100; ++i) {
    Touch();
    stray::Yield();
  }
}

int main() {
  stray::SetMaxProcs(3);
  return stray::Main([] {
    stray::WaitGroup all;
    for (int i = 0; i < 6; ++i) all.Go(&Use);
    all.Wait();
  });
}
