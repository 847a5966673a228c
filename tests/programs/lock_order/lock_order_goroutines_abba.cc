// SPDX-License-Identifier: Apache-2.0
// lock_order_goroutines_abba.cc: two goroutines take two mutexes in opposite orders, one after the other, but
// that order is by chance: nothing that one does waits for the other.
//
//   first          second
//   Lock a, b      .
//   Unlock         Lock b, a
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <atomic>
#include <mutex>

static stray::Mutex a, b;
static std::atomic<bool> first_is_done;

int main() {
  return stray::Main([] {
    stray::WaitGroup both;
    both.Go("second", [] {
      while (!first_is_done.load(std::memory_order_relaxed)) stray::Yield();
      std::lock_guard outer(b);
      // want lock-order.cycle: "first" locked mutex b at .* while it held mutex a
      std::lock_guard inner(a);
    });
    both.Go("first", [] {
      {
        std::lock_guard outer(a);
        std::lock_guard inner(b);
      }
      first_is_done.store(true, std::memory_order_relaxed);
    });
    both.Wait();
  });
}
