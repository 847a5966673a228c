// SPDX-License-Identifier: Apache-2.0
// deadlock_all_asleep_abba.cc: both take the mutexes in one order, so main does not wait for ever.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>

static stray::Mutex a, b;

int main() {
  return stray::Main([] {
    stray::WaitGroup both;
    for (const char* name : {"first", "second"}) {
      both.Go(name, [] {
        std::lock_guard outer(a);
        stray::Yield();
        std::lock_guard inner(b);
      });
    }
    both.Wait();
  });
}
