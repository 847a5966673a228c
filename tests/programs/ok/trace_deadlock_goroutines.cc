// SPDX-License-Identifier: Apache-2.0
// trace_deadlock_goroutines.cc: opposite orders that never meet: the one goroutine starts the other when it is
// done.
//
// link: runtime-trace
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

static stray::Mutex a, b;

int main() {
  return stray::Main([] {
    stray::WaitGroup all;
    all.Go([&all] {
      a.Lock();
      b.Lock();
      b.Unlock();
      a.Unlock();
      all.Go([] {
        b.Lock();
        a.Lock();
        a.Unlock();
        b.Unlock();
      });
    });
    all.Wait();
  });
}
