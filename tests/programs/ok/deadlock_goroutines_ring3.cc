// SPDX-License-Identifier: Apache-2.0
// deadlock_goroutines_ring3.cc: each takes the two mutexes in the order of their numbers.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <algorithm>
#include <mutex>

static stray::Mutex mutexes[3];

int main() {
  return stray::Main([] {
    stray::WaitGroup all;
    for (int i = 0; i < 3; ++i) {
      all.Go([i] {
        const int next = (i + 1) % 3;
        std::lock_guard first(mutexes[std::min(i, next)]);
        stray::Yield();
        std::lock_guard second(mutexes[std::max(i, next)]);
      });
    }
    all.Wait();
  });
}
