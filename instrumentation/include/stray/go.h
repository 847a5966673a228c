// SPDX-License-Identifier: Apache-2.0
// go.h: goroutines.
//
//   int main() {
//     return stray::Main([] {
//       stray::WaitGroup done;
//       for (int i = 0; i < 10; ++i) done.Go([i] { Work(i); });
//       done.Wait();
//     });
//   }
//
// A program whose main() is not ours: runtime.h. STRAY_SCHED=seed:N or pct:N,D runs all goroutines on one
// processor, in an order that depends on the number N alone: `stray run --seeds` tries many.
//
// Goroutines run on as many threads as the process may use processors (STRAY_MAXPROCS, SetMaxProcs). They are
// not preempted: one that computes keeps its processor until it waits, yields or ends. A goroutine may go on in
// another thread after each wait, so thread-local variables are not its own. Its stack is 256 KiB of address
// space, given memory page by page as it grows (STRAY_STACK_SIZE). An exception that leaves a goroutine ends
// the program, as it does in std::thread.
#ifndef STRAY_GO_H_
#define STRAY_GO_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

#include "stray/sync_core.h"

namespace stray {

namespace detail {

// A goroutine that does not run yet, and room for what it will call.
struct NewGoroutine {
  void* task;
  void* closure;
};
NewGoroutine BeginGo(size_t size, size_t align);
void CancelGo(const NewGoroutine& goroutine) noexcept;
// `run` calls the closure and destroys it. `name` is empty, or copied.
void CommitGo(const NewGoroutine& goroutine, void (*run)(void*) noexcept, std::string_view name);

template <typename Function>
void RunClosure(void* closure) noexcept {
  auto* function = static_cast<Function*>(closure);
  struct Destroy {
    Function* function;
    ~Destroy() { function->~Function(); }
  } destroy{function};
  (*function)();
}

// Always inlined, so that the address it returns to is in the function of the user.
template <typename F>
[[gnu::always_inline]] inline void Start(std::string_view name, F&& f) {
  using Function = std::decay_t<F>;
  const NewGoroutine goroutine = BeginGo(sizeof(Function), alignof(Function));
  if constexpr (std::is_nothrow_constructible_v<Function, F&&>) {
    ::new (goroutine.closure) Function(std::forward<F>(f));
  } else {
    try {
      ::new (goroutine.closure) Function(std::forward<F>(f));
    } catch (...) {
      CancelGo(goroutine);
      throw;
    }
  }
  CommitGo(goroutine, &RunClosure<Function>, name);
}

int RunMain(void (*run)(void*) noexcept, void* closure);
void SetMainStatus(int status);
void EnterBlockingCall();
void LeaveBlockingCall();

}  // namespace detail

// Starts a goroutine that calls `f`, and returns at once. Any thread; the first call starts the scheduler.
// `f` may be move-only.
template <typename F>
[[gnu::always_inline]] inline void Go(F&& f) {
  detail::Start({}, std::forward<F>(f));
}
// The same; `name` appears in reports.
template <typename F>
[[gnu::always_inline]] inline void Go(std::string_view name, F&& f) {
  detail::Start(name, std::forward<F>(f));
}

// Runs `f` as the main goroutine, in a process that has called it only once. When it returns, the program is to
// end: all other goroutines stop where they are, and are not unwound. Returns what `f` returns if that is an
// int, else 0. If every goroutine waits and nothing can end that, the program ends with "fatal error: all
// goroutines are asleep - deadlock!", all stacks, and status 2.
template <typename F>
int Main(F&& f) {
  auto call = [&f]() noexcept {
    if constexpr (std::is_convertible_v<std::invoke_result_t<F&>, int>) {
      detail::SetMainStatus(f());
    } else {
      f();
      detail::SetMainStatus(0);
    }
  };
  return detail::RunMain([](void* closure) noexcept { (*static_cast<decltype(call)*>(closure))(); }, &call);
}

// Lets all others that could run go first.
void Yield();

// Waits at least `duration`; zero and less: yields.
void SleepFor(std::chrono::nanoseconds duration);
template <typename Rep, typename Period>
[[gnu::always_inline]] inline void Sleep(std::chrono::duration<Rep, Period> duration) {
  SleepFor(std::chrono::ceil<std::chrono::nanoseconds>(duration));
  detail::KeepFrame();
}

// Goroutines that have not ended. Cheap; exact only while none starts or ends.
size_t NumGoroutines();

// How many processors run goroutines from now on; returns the number before. Less than 1 changes nothing.
int SetMaxProcs(int count);
inline int MaxProcs() { return SetMaxProcs(0); }

// The number of the calling goroutine, as in reports; 0 in a thread that is none.
uint64_t GoroutineId();

// Calls `f`, which may block the thread (a system call, a lock of another library), without holding up other
// goroutines. `f` must not use channels, locks or timers of the runtime. Returns what it returns.
template <typename F>
decltype(auto) BlockingCall(F&& f) {
  struct Scope {
    Scope() { detail::EnterBlockingCall(); }
    ~Scope() { detail::LeaveBlockingCall(); }
  } scope;
  return std::forward<F>(f)();
}

// Ends the program with "panic: TEXT", the goroutine and its stack on standard error, and status 2.
[[noreturn]] void Panic(std::string_view text);

}  // namespace stray

#endif  // STRAY_GO_H_
