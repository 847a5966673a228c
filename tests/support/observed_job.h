// SPDX-License-Identifier: Apache-2.0
// observed_job.h: the smallest coroutine that stray can see, and something to await.
#ifndef STRAY_TESTS_SUPPORT_OBSERVED_JOB_H_
#define STRAY_TESTS_SUPPORT_OBSERVED_JOB_H_

#include <stray/coroutine.h>

#include <coroutine>
#include <optional>

// A value that comes later; whoever sets it resumes who waits for it.
struct Answer {
  std::optional<int> value;
  std::coroutine_handle<> waiter;

  bool await_ready() const { return value.has_value(); }
  void await_suspend(std::coroutine_handle<> coroutine) { waiter = coroutine; }
  int await_resume() const { return *value; }
  stray_wait stray_why() const { return STRAY_WAIT_FUTURE; }

  void Set(int is) {
    value = is;
    if (waiter) waiter.resume();
  }
};

struct Job {
  struct promise_type : stray::ObservedPromise {
    Job get_return_object() {
      SetName("job");
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
  std::coroutine_handle<promise_type> coroutine;
};

#endif  // STRAY_TESTS_SUPPORT_OBSERVED_JOB_H_
