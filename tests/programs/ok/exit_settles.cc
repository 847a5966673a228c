// SPDX-License-Identifier: Apache-2.0
// exit_settles.cc: threads that are just about to end when main returns get the time to do so.
//
// flags: --settle 10s
#include <atomic>
#include <thread>

static std::atomic<int> at_work{0};

int main() {
  for (int i = 0; i < 8; ++i) {
    at_work.fetch_add(1);
    std::thread([] {
      for (std::atomic<int> step{0}; step < 200'000; ++step) {
      }
      at_work.fetch_sub(1);
      at_work.notify_one();
    }).detach();
  }
  for (int left = at_work; left != 0; left = at_work) at_work.wait(left);
}
