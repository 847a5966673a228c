// SPDX-License-Identifier: Apache-2.0
// heavy_thread_tree.cc: threads that create threads that create threads, and join them; 255 in all.
#include <atomic>
#include <cstdio>
#include <thread>

static std::atomic<int> count{0};

static void Grow(int depth) {
  ++count;
  if (depth == 0) return;
  std::thread left(Grow, depth - 1), right(Grow, depth - 1);
  left.join();
  right.join();
}

int main() {
  Grow(7);
  std::printf("%d\n", count.load());
}
