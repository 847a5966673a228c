// SPDX-License-Identifier: Apache-2.0
// deadlock_ring5.cc: the last of 5 philosophers is left-handed, so that the ring of waiting cannot close.
#include <algorithm>
#include <array>
#include <mutex>
#include <thread>

static constexpr int kSeats = 5;
static std::array<std::mutex, kSeats> forks;

static void Dine(int seat) {
  const int next = (seat + 1) % kSeats;
  for (int meal = 0; meal < 300; ++meal) {
    std::lock_guard<std::mutex> one(forks[std::min(seat, next)]);
    std::lock_guard<std::mutex> two(forks[std::max(seat, next)]);
  }
}

int main() {
  std::array<std::thread, kSeats> philosophers;
  for (int seat = 0; seat < kSeats; ++seat) philosophers[seat] = std::thread(Dine, seat);
  for (std::thread& philosopher : philosophers) philosopher.join();
}
