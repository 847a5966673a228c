// SPDX-License-Identifier: Apache-2.0
// race_order_try_lock.cc: an attempt that fails orders nothing, whatever it is that was not to be had.
//
// link: runtime-race
// modes: static-tsan shared-tsan
// twin: race_order_mutex.cc
#include <stray/mutex.h>
#include <stray/semaphore.h>

#include "tests/support/in_turn.h"

long locked, acquired, wanted_by_reader, wanted_by_writer;
static stray::Mutex mutex;
static stray::RWMutex for_writing, for_reading;
static stray::Semaphore semaphore(1);

int main() {
  return stray::Main([] {
    InTurn(
        [] {
          // Given back, so that there is something to come after, and taken again.
          locked = 1;
          mutex.Lock();
          mutex.Unlock();
          mutex.Lock();
          wanted_by_reader = 1;
          for_writing.Lock();
          for_writing.Unlock();
          for_writing.Lock();
          acquired = 1;
          semaphore.Acquire();
          semaphore.Release();
          semaphore.Acquire();
          wanted_by_writer = 1;
          for_reading.RLock();
          for_reading.RUnlock();
          for_reading.RLock();
        },
        [] {
          if (mutex.TryLock()) return;
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          locked = 2;
          if (for_writing.TryRLock() || for_writing.TryLock()) return;
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          wanted_by_reader = 2;
          if (semaphore.TryAcquire()) return;
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          acquired = 2;
          if (for_reading.TryLock()) return;
          // want race.data x1: written by G\d+ "second" at .* and written by G\d+ "first" at
          wanted_by_writer = 2;
        });
    mutex.Unlock();
    for_writing.Unlock();
    for_reading.RUnlock();
    semaphore.Release();
  });
}
