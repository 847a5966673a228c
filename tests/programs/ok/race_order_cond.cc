// SPDX-License-Identifier: Apache-2.0
// race_order_cond.cc: who is woken by Signal or Broadcast has the lock again, and so comes after those that had
// it.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/cond.h>
#include <stray/wait_group.h>

#include <mutex>

long turn, ended;
static stray::Mutex mutex;
static stray::Cond changed(mutex);
static stray::RWMutex read_mutex;
static stray::Cond readable(read_mutex.RLocker());

static void TakeTurns(long own) {
  for (int i = 0; i < 20; ++i) {
    std::lock_guard guard(mutex);
    changed.Wait([own] { return turn % 2 == own; });
    ++turn;
    changed.Signal();
  }
}

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    stray::WaitGroup all;
    all.Go([] { TakeTurns(0); });
    all.Go([] { TakeTurns(1); });
    for (int i = 0; i < 3; ++i) {
      all.Go([] {
        read_mutex.RLock();
        readable.Wait([] { return ended == 1; });
        read_mutex.RUnlock();
      });
    }
    read_mutex.Lock();
    ended = 1;
    read_mutex.Unlock();
    readable.Broadcast();
    all.Wait();
    return turn == 40 ? 0 : 1;
  });
}
