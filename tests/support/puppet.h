// SPDX-License-Identifier: Apache-2.0
// puppet.h: threads that do what the test tells them, one step at a time.
//
//   Puppet first("first"), second("second");
//   first.Do([] { a.lock(); });    // runs in thread "first"; returns when done
//   second.Do([] { ... });
//
// The threads live side by side for the whole test, so that neither creation nor join orders what they do;
// the strings that move them are invisible to stray (order.h). An idle puppet counts as running.
#ifndef STRAY_TESTS_SUPPORT_PUPPET_H_
#define STRAY_TESTS_SUPPORT_PUPPET_H_

#include <pthread.h>

#include <atomic>
#include <functional>
#include <thread>
#include <utility>

#include "tests/support/order.h"

class Puppet {
 public:
  explicit Puppet(const char* name) : thread_([this, name] { Play(name); }) {}
  Puppet(const Puppet&) = delete;
  Puppet& operator=(const Puppet&) = delete;

  // Ends the thread and joins it. Its last step must be one that returns.
  ~Puppet() {
    Finish();
    step_ = nullptr;
    Give();
    thread_.join();
  }

  // Runs `step` in the puppet's thread and waits until it is done.
  void Do(std::function<void()> step) {
    Start(std::move(step));
    Finish();
  }

  // Runs `step` in the puppet's thread and does not wait.
  void Start(std::function<void()> step) {
    Finish();
    step_ = std::move(step);
    Give();
  }

  // Waits until the step at hand is done.
  void Finish() {
    while (done_.load(std::memory_order_acquire) != given_) OrderYield();
  }

  // Starts `step` and waits until the puppet is blocked in it by a lock, a condition or the like.
  void StartAndBlock(std::function<void()> step) {
    Start(std::move(step));
    AwaitAsleep(&sleeper_);
  }

 private:
  void Give() { mailbox_.store(++given_, std::memory_order_release); }

  void Play(const char* name) {
    pthread_setname_np(pthread_self(), name);
    AboutToSleep(&sleeper_);
    for (int number = 1;; ++number) {
      while (mailbox_.load(std::memory_order_acquire) < number) OrderYield();
      if (!step_) return;
      step_();
      done_.store(number, std::memory_order_release);
    }
  }

  std::function<void()> step_;
  int given_ = 0;                // steps handed out; the test's side
  std::atomic<int> mailbox_{0};  // the same number, as the puppet sees it; orders step_
  std::atomic<int> done_{0};
  Sleeper sleeper_{};
  std::thread thread_;  // last: everything above is ready when it starts
};

#endif  // STRAY_TESTS_SUPPORT_PUPPET_H_
