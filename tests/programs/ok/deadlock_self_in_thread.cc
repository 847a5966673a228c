// SPDX-License-Identifier: Apache-2.0
// deadlock_self_in_thread.cc: the inner method expects the lock to be held.
#include <mutex>
#include <thread>

class Account {
 public:
  void Transfer(Account* to, int amount) {
    std::lock_guard<std::mutex> lock(mutex_);
    balance_ -= amount;
    to->DepositLocked(amount);
  }

 private:
  void DepositLocked(int amount) { balance_ += amount; }

  std::mutex mutex_;
  int balance_ = 0;
};

int main() {
  Account account;
  std::thread worker([&account] { account.Transfer(&account, 1); });
  worker.join();
}
