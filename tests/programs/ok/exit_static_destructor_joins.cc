// SPDX-License-Identifier: Apache-2.0
// exit_static_destructor_joins.cc: a pool that a static destructor shuts down is no leak.
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

#include "tests/support/order.h"

static Sleeper worker_asleep;

class Pool {
 public:
  ~Pool() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stop_ = true;
    }
    changed_.notify_one();
    worker_.join();
    std::puts("joined");
  }

 private:
  void Work() {
    std::unique_lock<std::mutex> lock(mutex_);
    AboutToSleep(&worker_asleep);
    while (!stop_) changed_.wait(lock);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
  std::thread worker_{[this] { Work(); }};
};

static Pool pool;

int main() { AwaitAsleep(&worker_asleep); }
