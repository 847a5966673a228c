// SPDX-License-Identifier: Apache-2.0
// heavy_thread_storm.cc: two thousand threads, created and joined, many at a time.
#include <array>
#include <atomic>
#include <cstdio>
#include <thread>

static std::atomic<int> sum{0};

int main() {
  for (int round = 0; round < 40; ++round) {
    std::array<std::thread, 50> threads;
    for (std::thread& thread : threads) thread = std::thread([] { ++sum; });
    for (std::thread& thread : threads) thread.join();
  }
  std::printf("%d\n", sum.load());
}
