// SPDX-License-Identifier: Apache-2.0
// contention.cc: a program that is slow, not stuck: it waits for a lock most of the time.
//
// Audit() reads the books for a while and keeps them locked; meanwhile nobody can Add(). The block profile
// shows who waits, the mutex profile whom for. The fix: audit a copy.
#include <chrono>
#include <iostream>
#include <mutex>
#include <numeric>
#include <thread>
#include <vector>

class Ledger {
 public:
  void Add(int amount) {
    std::lock_guard lock(mutex_);
    entries_.push_back(amount);
  }

  long Audit() {
    std::lock_guard lock(mutex_);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // there is a lot to check
    return std::accumulate(entries_.begin(), entries_.end(), 0L);
  }

 private:
  std::mutex mutex_;
  std::vector<int> entries_;
};

int main() {
  Ledger ledger;
  std::vector<std::thread> clerks;
  for (int i = 0; i < 3; ++i) {
    clerks.emplace_back([&ledger] {
      for (int entry = 0; entry < 20; ++entry) {
        ledger.Add(1);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
  }
  long sum = 0;
  while (sum < 60) {
    sum = ledger.Audit();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  for (std::thread& clerk : clerks) clerk.join();
  std::cout << sum << " entries\n";
}
