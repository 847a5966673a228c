// SPDX-License-Identifier: Apache-2.0
// lock_order_instances.cc: two objects of one class call each other while locked, each from its own thread.
//
//   first                           second
//   left.Send: lock left, right     .
//   .                               right.Send: lock right, left
//
// twin: lock_order_by_address.cc
#include <mutex>

#include "tests/support/puppet.h"

class Mailbox {
 public:
  void Send(Mailbox* other, int letter) {
    std::lock_guard<std::mutex> lock(mutex_);
    other->Receive(letter);  // want lock-order.cycle x1: .
  }

 private:
  void Receive(int letter) {
    std::lock_guard<std::mutex> lock(mutex_);
    letters_ += letter;
  }

  std::mutex mutex_;
  int letters_ = 0;
};

int main() {
  Mailbox left, right;
  Puppet first("first"), second("second");
  first.Do([&] { left.Send(&right, 1); });
  second.Do([&] { right.Send(&left, 2); });
}
