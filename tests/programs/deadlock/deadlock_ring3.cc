// SPDX-License-Identifier: Apache-2.0
// deadlock_ring3.cc: 3 philosophers pick up the fork at their left, then wait for the one at their right.
//
//   philosopher i         lock fork i
//   all 3 of them         lock fork i + 1     held by the next one, round to the first
//
// hangs: yes
#include <array>
#include <mutex>
#include <thread>

#include "tests/support/order.h"

static constexpr int kSeats = 3;
static std::array<std::mutex, kSeats> forks;
static Meeting all_have_left;

static void Dine(int seat) {
  std::lock_guard<std::mutex> left(forks[seat]);
  Meet(&all_have_left, kSeats);
  // want deadlock.cycle x1: (\[pthread_mutex_lock\].*){3}
  std::lock_guard<std::mutex> right(forks[(seat + 1) % kSeats]);
}

int main() {
  std::array<std::thread, kSeats> philosophers;
  for (int seat = 0; seat < kSeats; ++seat) philosophers[seat] = std::thread(Dine, seat);
  for (std::thread& philosopher : philosophers) philosopher.join();  // want deadlock.all: \[pthread_join\]
}
