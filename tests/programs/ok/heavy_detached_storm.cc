// SPDX-License-Identifier: Apache-2.0
// heavy_detached_storm.cc: hundreds of detached threads, whose handles and stacks are used again at once.
//
// flags: --settle 10s
#include <atomic>
#include <thread>

static std::atomic<int> left{500};

int main() {
  for (int i = 0; i < 500; ++i) {
    std::thread([] {
      if (--left == 0) left.notify_one();
    }).detach();
  }
  for (int now = left; now != 0; now = left) left.wait(now);
}
