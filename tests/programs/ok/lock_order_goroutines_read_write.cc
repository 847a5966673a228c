// SPDX-License-Identifier: Apache-2.0
// lock_order_goroutines_read_write.cc: both only read the table; a lock that is given back by another
// goroutine, and one that is only tried, make no order; nor do two locks that lay in the same memory one after
// the other.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/stray.h>

#include <mutex>
#include <new>
#include <shared_mutex>

static stray::RWMutex table;
static stray::Mutex journal, handed, other;

namespace {

// Two mutexes, in memory that others have had before.
void LockTwo(void* first, void* second) {
  auto* a = new (first) stray::Mutex;
  auto* b = new (second) stray::Mutex;
  std::lock_guard outer(*a);
  std::lock_guard inner(*b);
}

}  // namespace

int main() {
  return stray::Main([] {
    stray::WaitGroup all;
    all.Go("reader", [] {
      std::shared_lock outer(table);
      std::lock_guard inner(journal);
    });
    all.Go("also a reader", [] {
      std::lock_guard outer(journal);
      std::shared_lock inner(table);
    });
    all.Go("tries", [] {
      std::lock_guard outer(journal);
      std::unique_lock inner(table, std::try_to_lock);
    });
    all.Wait();

    // Taken here, given back there: this goroutine does not have it any more.
    handed.Lock();
    all.Go("gives back", [] { handed.Unlock(); });
    all.Wait();
    std::lock_guard guard(other);
    other.Unlock();
    all.Go("takes both", [] {
      std::lock_guard outer(other);
      std::lock_guard inner(handed);
    });
    all.Wait();
    other.Lock();

    alignas(stray::Mutex) static char memory[2][sizeof(stray::Mutex)];
    stray::WaitGroup two;
    two.Go([] { LockTwo(memory[0], memory[1]); });
    two.Wait();
    stray::WaitGroup reversed;
    reversed.Go([] { LockTwo(memory[1], memory[0]); });
    reversed.Wait();
  });
}
