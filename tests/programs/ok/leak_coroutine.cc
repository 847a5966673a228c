// SPDX-License-Identifier: Apache-2.0
// leak_coroutine.cc: both answers come.
//
// link: runtime
// modes: gcc-O0 gcc-O2
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

static Answer answers[2];
static int sum = 0;

static Job Add(Answer* answer) { sum += co_await *answer; }

int main() {
  Add(&answers[0]);
  Add(&answers[1]);
  answers[0].Set(1);
  answers[1].Set(2);
  return sum == 3 ? 0 : 1;
}
