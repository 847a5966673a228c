// SPDX-License-Identifier: Apache-2.0
// lock_order_goroutines_go_on.cc: main waits for the first message of a goroutine, which takes the same locks
// again afterwards, while main takes them the other way round.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// twin: lock_order_goroutines_joined.cc
#include <stray/stray.h>

#include <atomic>
#include <mutex>

static stray::Mutex a, b;
static std::atomic<bool> main_is_done;

int main() {
  return stray::Main([] {
    auto ready = stray::MakeChan<int>();
    stray::WaitGroup both;
    both.Go("worker", [=] {
      for (int i = 0; i < 2; ++i) {
        {
          std::lock_guard outer(a);
          // want lock-order.cycle: "worker" locked mutex b at .* while it held mutex a
          std::lock_guard inner(b);
        }
        if (i == 0) ready.Send(1);
        while (!main_is_done.load(std::memory_order_relaxed)) stray::Yield();
      }
    });
    ready.Recv();
    {
      std::lock_guard outer(b);
      std::lock_guard inner(a);
    }
    main_is_done.store(true, std::memory_order_relaxed);
    both.Wait();
  });
}
