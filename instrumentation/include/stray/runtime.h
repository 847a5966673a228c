// SPDX-License-Identifier: Apache-2.0
// runtime.h: goroutines in a program whose main() is not stray's.
//
//   stray::Runtime runtime({.max_procs = 4});
//   const int sum = runtime.Run([] { return Sum(); });   // as a goroutine; this thread waits
//   ...
//   if (const size_t left = runtime.Shutdown(2s)) Log("goroutines that never ended: ", left);
//
// Goroutines, channels and all else work without it, too: the first Go starts the scheduler. What a Runtime
// adds is an end. stray::Main has an end of its own: a program uses one of the two.
//
// Shutdown
//   1. waits until every goroutine has ended, or until those that are left all wait for something that neither
//   a
//      timer nor a descriptor nor another goroutine will give them, or until the time is over;
//   2. stops the threads of the scheduler, each at the next point at which its goroutine waits, yields or ends,
//   and
//      returns once they are gone: no thread of stray's is left. (Under `stray run` one is, which the agent
//      takes snapshots in. It is in no report.)
//
// What a goroutine did that has ended happens before the return of Shutdown.
//
// Goroutines that have not ended are left where they stand: not unwound, their stacks kept. Shutdown returns
// how many these are, and the agent reports them as leaks when the program ends. One that computes for another
// 100 ms after the time is over keeps its thread until it comes to such a point.
//
// Afterwards Go, timers and Run are fatal ("fatal error: goroutine started after the runtime has ended"). What
// is no goroutine and does not wait for one may still use channels and locks. There may be another Runtime
// after the first: goroutines that were left go on under it. It is fatal to make one while there is another, or
// while a thread of the one before still computes.
#ifndef STRAY_RUNTIME_H_
#define STRAY_RUNTIME_H_

#include <chrono>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

#include "stray/channel.h"
#include "stray/go.h"

namespace stray {

struct RuntimeOptions {
  int max_procs = 0;  // 0: STRAY_MAXPROCS, or what the process may use
};

class Runtime {
 public:
  static constexpr std::chrono::seconds kPatience{5};

  explicit Runtime(RuntimeOptions options = {});
  // Shutdown(), if that has not been called.
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  // Calls `f` in a goroutine and waits for it; returns what it returns, by value. Any thread, several at once.
  // An exception that leaves `f` ends the program, as it does in any goroutine.
  template <typename F>
  [[gnu::always_inline]] std::decay_t<std::invoke_result_t<F&>> Run(F&& f);

  // See above. Returns the number of goroutines that are left. In a thread that is no goroutine; the second
  // call does nothing.
  size_t Shutdown(std::chrono::nanoseconds timeout = kPatience);

 private:
  bool is_over_ = false;
  size_t left_ = 0;
};

template <typename F>
inline std::decay_t<std::invoke_result_t<F&>> Runtime::Run(F&& f) {
  using Result = std::decay_t<std::invoke_result_t<F&>>;
  const Chan<Unit> done = MakeChan<Unit>();
  if constexpr (std::is_void_v<Result>) {
    Go([&f, done] {
      f();
      done.Close();
    });
    done.Recv();
  } else {
    std::optional<Result> result;
    Go([&f, &result, done] {
      result.emplace(f());
      done.Close();
    });
    done.Recv();
    return std::move(*result);
  }
}

}  // namespace stray

#endif  // STRAY_RUNTIME_H_
