// SPDX-License-Identifier: Apache-2.0
// lock_order_goroutines_read_write.cc: one goroutine reads a table and locks its log, the other writes the
// table while it has the log locked.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/stray.h>

#include <atomic>
#include <mutex>
#include <shared_mutex>

static stray::RWMutex table;
static stray::Mutex journal;
static std::atomic<bool> reader_is_done;

int main() {
  return stray::Main([] {
    stray::WaitGroup both;
    both.Go("reader", [] {
      {
        std::shared_lock outer(table);
        std::lock_guard inner(journal);
      }
      reader_is_done.store(true, std::memory_order_relaxed);
    });
    both.Go("writer", [] {
      while (!reader_is_done.load(std::memory_order_relaxed)) stray::Yield();
      std::lock_guard outer(journal);
      std::lock_guard inner(table);  // want lock-order.cycle: "writer" locked rwlock table for writing at
    });
    both.Wait();
  });
}
