// SPDX-License-Identifier: Apache-2.0
// racy.cc: two threads count in one plain variable, one after the other; relaxed atomics order nothing.
#include <atomic>
#include <thread>

int counter = 0;
std::atomic<int> turn{0};

int main() {
  std::thread other([] {
    ++counter;
    turn.store(1, std::memory_order_relaxed);
    while (turn.load(std::memory_order_relaxed) == 1) std::this_thread::yield();
  });
  while (turn.load(std::memory_order_relaxed) == 0) std::this_thread::yield();
  ++counter;
  turn.store(2, std::memory_order_relaxed);
  other.join();
  return 0;
}
