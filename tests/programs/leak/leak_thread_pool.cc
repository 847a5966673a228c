// SPDX-License-Identifier: Apache-2.0
// leak_thread_pool.cc: a pool of four does its jobs, and nobody shuts it down.
//
//   main                  4 pool workers
//   submit 8 jobs         take, run
//   wait for the last     .
//   return                wait for more  blocked: nobody is left to submit
//
// modes: gcc-O0 gcc-O2 clang-libc++ shared-tsan
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/order.h"

class Pool {
 public:
  explicit Pool(size_t workers) : asleep_(workers) {
    for (size_t i = 0; i < workers; ++i) threads_.emplace_back([this, i] { Work(&asleep_[i]); });
  }
  void Submit(std::function<void()> job) {
    std::lock_guard<std::mutex> lock(mutex_);
    jobs_.push_back(std::move(job));
    changed_.notify_one();
  }
  void AwaitIdle() {
    for (Sleeper& sleeper : asleep_) AwaitAsleep(&sleeper);
  }

 private:
  void Work(Sleeper* sleeper) {
    for (;;) {
      std::unique_lock<std::mutex> lock(mutex_);
      AboutToSleep(sleeper);
      while (jobs_.empty()) changed_.wait(lock);  // want leak.blocked x4: \[pthread_cond_wait\]
      std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  std::vector<Sleeper> asleep_;
  std::vector<std::thread> threads_;
};

int main() {
  Pool* pool = new Pool(4);  // left behind on purpose: no destructor runs
  Meeting done{};
  for (int i = 0; i < 8; ++i) pool->Submit([&done] { Meet(&done, 0); });
  Meet(&done, 9);
  pool->AwaitIdle();
}
