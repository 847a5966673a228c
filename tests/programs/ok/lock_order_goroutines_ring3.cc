// SPDX-License-Identifier: Apache-2.0
// lock_order_goroutines_ring3.cc: the mutex of the lower number comes first, whoever takes it.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <algorithm>
#include <mutex>
#include <string>

static stray::Mutex mutexes[3];

int main() {
  return stray::Main([] {
    stray::WaitGroup all;
    for (int i = 0; i < 3; ++i) {
      all.Go(std::to_string(i), [i, next = (i + 1) % 3] {
        std::lock_guard outer(mutexes[std::min(i, next)]);
        std::lock_guard inner(mutexes[std::max(i, next)]);
      });
    }
    all.Wait();
  });
}
