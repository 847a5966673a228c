// SPDX-License-Identifier: Apache-2.0
// deadlock_self_in_thread.cc: a thread locks a std::mutex twice, through a method that locks for itself.
//
//   main                  worker
//   join                  Account::Transfer locks
//   .                     Account::Deposit locks again    waits for itself
//
// hangs: yes
#include <mutex>
#include <thread>

class Account {
 public:
  void Deposit(int amount) {
    std::lock_guard<std::mutex> lock(mutex_);  // want deadlock.self x1: itself
    balance_ += amount;
  }
  void Transfer(Account* to, int amount) {
    std::lock_guard<std::mutex> lock(mutex_);
    balance_ -= amount;
    to->Deposit(amount);  // want deadlock.self x1: itself
  }

 private:
  std::mutex mutex_;
  int balance_ = 0;
};

int main() {
  Account account;
  std::thread worker([&account] { account.Transfer(&account, 1); });
  worker.join();  // want deadlock.all: \[pthread_join\]
}
