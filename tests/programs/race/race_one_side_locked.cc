// SPDX-License-Identifier: Apache-2.0
// race_one_side_locked.cc: the writer takes the mutex, the reader does not.
//
//   writer                 main
//   lock; write; unlock    .
//   .                      read, without the lock
//
// link: race
// modes: static-tsan shared-tsan
#include <mutex>
#include <thread>

#include "tests/support/order.h"

long balance;
static std::mutex balance_mutex;
static Gate written, was_read;

int main() {
  std::thread writer([] {
    {
      std::lock_guard guard(balance_mutex);
      balance = 100;
    }
    GateOpen(&written);
    GateAwait(&was_read);  // who has ended may be forgotten
  });
  GateAwait(&written);
  // want race.data x1: by T\d+ at .* with mutex balance_mutex held and read by main at
  const bool is_rich = balance > 50;
  GateOpen(&was_read);
  writer.join();
  return is_rich ? 0 : 1;
}
