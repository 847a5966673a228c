// SPDX-License-Identifier: Apache-2.0
// deadlock_test.cc: a test that hangs.
//
// Two transfers in opposite directions, each of which locks the account that it takes from, then the other one:
//
//   clerk                          auditor
//   lock(savings)                  lock(checking)
//   lock(checking)  waits          lock(savings)  waits
//
// The latch makes it happen every time. The fix: std::scoped_lock both(from.mutex, to.mutex).
#include <gtest/gtest.h>

#include <latch>
#include <mutex>
#include <thread>

struct Account {
  std::mutex mutex;
  int balance = 100;
};

class Bank {
 public:
  void Transfer(Account& from, Account& to, int amount) {
    std::lock_guard lock_from(from.mutex);
    both_started_.arrive_and_wait();
    std::lock_guard lock_to(to.mutex);
    from.balance -= amount;
    to.balance += amount;
  }

 private:
  std::latch both_started_{2};
};

TEST(BankTest, OppositeTransfersKeepTheSum) {
  Bank bank;
  Account savings, checking;
  std::thread clerk([&] { bank.Transfer(savings, checking, 10); });
  std::thread auditor([&] { bank.Transfer(checking, savings, 20); });
  clerk.join();
  auditor.join();
  EXPECT_EQ(savings.balance + checking.balance, 200);
}
