// SPDX-License-Identifier: Apache-2.0
// once.h: Go's sync.Once, sync.OnceFunc and sync.OnceValue: what is done once, by whoever comes first, while
// all others wait for it.
//
//   static stray::Once once;
//   once.Do([] { Load(); });
//
// A function that throws has been called: Once never calls it again, and the others return as if all were well
// (in Go, a panic). OnceFunc and OnceValue remember the exception and throw it at every call. A function that
// calls Do of its own Once waits for ever.
//
// The end of the function happens before the return of each Do.
#ifndef STRAY_ONCE_H_
#define STRAY_ONCE_H_

#include <atomic>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "stray/mutex.h"

namespace stray {

namespace detail {

struct OnceCore {
  std::atomic<uint32_t> done{0};
  MutexCore mutex;
};

// True: the caller is the one that is to do it, and then calls EndOnce. False: it is done.
bool BeginOnce(OnceCore* once) noexcept;
void EndOnce(OnceCore* once) noexcept;

}  // namespace detail

class Once {
 public:
  constexpr Once() = default;
  Once(const Once&) = delete;
  Once& operator=(const Once&) = delete;

  template <typename F>
  [[gnu::always_inline]] void Do(F&& f) {
    if (once_.done.load(std::memory_order_acquire) != 0) [[likely]]
      return;
    if (detail::BeginOnce(&once_)) Call(f);
  }

 private:
  template <typename F>
  void Call(F& f) {
    struct End {
      detail::OnceCore* once;
      ~End() { detail::EndOnce(once); }
    } end{&once_};
    f();
  }

  detail::OnceCore once_;
};

namespace detail {

template <typename F>
struct OnceState {
  using Result = std::invoke_result_t<F&>;
  using Stored = std::conditional_t<std::is_void_v<Result>, bool,
                                    std::decay_t<std::conditional_t<std::is_void_v<Result>, bool, Result>>>;

  explicit OnceState(F f) : function(std::move(f)) {}
  void Call() {
    once.Do([this] {
      try {
        if constexpr (std::is_void_v<Result>) {
          (*function)();
        } else {
          value.emplace((*function)());
        }
      } catch (...) {
        error = std::current_exception();
      }
      function.reset();  // what it has captured is not needed any more
    });
    if (error) std::rethrow_exception(error);
  }

  Once once;
  std::optional<F> function;
  std::optional<Stored> value;
  std::exception_ptr error;
};

}  // namespace detail

// A function that calls `f` at its first call only. Copies are the same one.
template <typename F>
auto OnceFunc(F f) {
  auto state = std::make_shared<detail::OnceState<F>>(std::move(f));
  return [state] { state->Call(); };
}

// A function that returns what `f` has returned at the first call. The value lives as long as a copy of it.
template <typename F>
auto OnceValue(F f) {
  auto state = std::make_shared<detail::OnceState<F>>(std::move(f));
  return [state]() -> const typename detail::OnceState<F>::Stored& {
    state->Call();
    return *state->value;
  };
}

}  // namespace stray

#endif  // STRAY_ONCE_H_
