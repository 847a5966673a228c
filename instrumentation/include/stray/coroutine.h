// SPDX-License-Identifier: Apache-2.0
// coroutine.h: shows C++20 coroutines in stray's reports. The promise type of a coroutine derives from
// ObservedPromise:
//
//   struct Job {
//     struct promise_type : stray::ObservedPromise {
//       std::suspend_always final_suspend() noexcept { Finish(); return {}; }
//       ...
//
// Then each coroutine is a task from its creation to its end, and while it is suspended in a co_await it is
// blocked there. It has no stack of its own: reports show where it was created, and the line of the co_await.
// An awaiter can say what it waits for by members `stray_wait stray_why() const` and `const void*
// stray_object() const`.
//
// A promise with an await_transform of its own calls Observe(awaitable) in it. Link stray::runtime.
#ifndef STRAY_COROUTINE_H_
#define STRAY_COROUTINE_H_

#include <coroutine>
#include <type_traits>
#include <utility>

#include "stray/annotate.h"

namespace stray {

class ObservedPromise;

namespace detail {

template <typename Awaitable>
decltype(auto) AwaiterOf(Awaitable&& awaitable) {
  if constexpr (requires { std::forward<Awaitable>(awaitable).operator co_await(); }) {
    return std::forward<Awaitable>(awaitable).operator co_await();
  } else if constexpr (requires { operator co_await(std::forward<Awaitable>(awaitable)); }) {
    return operator co_await(std::forward<Awaitable>(awaitable));
  } else {
    return std::forward<Awaitable>(awaitable);
  }
}

template <typename Awaiter>
class ObservedAwaiter {
 public:
  template <typename Awaitable>
  ObservedAwaiter(ObservedPromise* promise, const void* site, Awaitable&& awaitable)
      : promise_(promise), site_(site), awaiter_(AwaiterOf(std::forward<Awaitable>(awaitable))) {}

  bool await_ready() { return awaiter_.await_ready(); }
  template <typename Promise>
  auto await_suspend(std::coroutine_handle<Promise> coroutine);
  decltype(auto) await_resume();

 private:
  ObservedPromise* promise_;
  const void* site_;
  Awaiter awaiter_;
};

}  // namespace detail

// One thread at a time runs a coroutine, and so uses this.
class ObservedPromise {
 public:
  ObservedPromise() : task_(stray_task_created(nullptr)) {}
  ~ObservedPromise() { Finish(); }
  ObservedPromise(const ObservedPromise&) = delete;
  ObservedPromise& operator=(const ObservedPromise&) = delete;

  // The coroutine is over, though it is not destroyed yet: to be called in final_suspend().
  void Finish() noexcept { stray_task_ended(std::exchange(task_, nullptr)); }

  // What reports call it.
  void SetName(const char* name) { stray_task_named(task_, name); }

  // The awaitable, so that waiting for it is seen. `site`: return address of the co_await, by default that of
  // this call. (Where the coroutine goes on has no useful line in what gcc 12 writes; the call of
  // await_transform has.)
  template <typename Awaitable>
  [[gnu::noinline]] auto Observe(Awaitable&& awaitable, const void* site = nullptr) {
    using Awaiter = decltype(detail::AwaiterOf(std::forward<Awaitable>(awaitable)));
    if (site == nullptr) site = __builtin_return_address(0);
    return detail::ObservedAwaiter<Awaiter>(this, site, std::forward<Awaitable>(awaitable));
  }
  template <typename Awaitable>
  [[gnu::noinline]] auto await_transform(Awaitable&& awaitable) {
    return Observe(std::forward<Awaitable>(awaitable), __builtin_return_address(0));
  }

 private:
  template <typename Awaiter>
  friend class detail::ObservedAwaiter;

  void Stop(stray_wait why, const void* object, const void* site) {
    void* const place[3] = {nullptr, nullptr, const_cast<char*>(static_cast<const char*>(site)) - 1};
    stray_task_parked_at(task_, why, object, place);
  }
  void GoOn() { stray_task_running(task_); }

  stray_task* task_;
};

namespace detail {

template <typename Awaiter>
template <typename Promise>
auto ObservedAwaiter<Awaiter>::await_suspend(std::coroutine_handle<Promise> coroutine) {
  stray_wait why = STRAY_WAIT_UNKNOWN;
  const void* object = nullptr;
  if constexpr (requires { awaiter_.stray_why(); }) why = awaiter_.stray_why();
  if constexpr (requires { awaiter_.stray_object(); }) object = awaiter_.stray_object();
  ObservedPromise* promise = promise_;
  promise->Stop(why, object, site_);
  // From here on the coroutine may run in another thread, or be gone.
  using Result = decltype(awaiter_.await_suspend(coroutine));
  if constexpr (std::is_same_v<Result, bool>) {
    const bool suspended = awaiter_.await_suspend(coroutine);
    if (!suspended) promise->GoOn();
    return suspended;
  } else {
    return awaiter_.await_suspend(coroutine);
  }
}

template <typename Awaiter>
decltype(auto) ObservedAwaiter<Awaiter>::await_resume() {
  promise_->GoOn();
  return awaiter_.await_resume();
}

}  // namespace detail
}  // namespace stray

#endif  // STRAY_COROUTINE_H_
