// SPDX-License-Identifier: Apache-2.0
// lock_order_goroutines_ring3.cc: three goroutines, one after the other, each with a mutex and that of the
// next.
//
//   "0"            "1"            "2"
//   Lock 0, 1      .              .
//   .              Lock 1, 2      .
//   .              .              Lock 2, 0
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <atomic>
#include <mutex>
#include <string>

static stray::Mutex mutexes[3];
static std::atomic<int> turn;

int main() {
  return stray::Main([] {
    stray::WaitGroup all;
    for (int i = 0; i < 3; ++i) {
      all.Go(std::to_string(i), [i] {
        while (turn.load(std::memory_order_relaxed) != i) stray::Yield();
        {
          std::lock_guard outer(mutexes[i]);
          std::lock_guard inner(mutexes[(i + 1) % 3]);  // want lock-order.cycle: .
        }
        turn.store(i + 1, std::memory_order_relaxed);
      });
    }
    all.Wait();
  });
}
