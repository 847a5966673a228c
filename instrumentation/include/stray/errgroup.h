// SPDX-License-Identifier: Apache-2.0
// errgroup.h: goroutines that work on parts of one job, as golang.org/x/sync/errgroup.
//
//   stray::ErrGroup group(context);
//   for (const std::string& url : urls) {
//     group.Go([&, job = group.GetContext()]() -> stray::Error { return Fetch(job, url); });
//   }
//   if (stray::Error error = group.Wait()) ...
//
// The first error is what Wait returns, and it cancels the group's context; the others are dropped. What is
// called returns an Error, a std::error_code, or nothing, if it cannot fail: one group may do all three. Wait
// is called before the group is destroyed; it, too, cancels the context.
#ifndef STRAY_ERRGROUP_H_
#define STRAY_ERRGROUP_H_

#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "stray/channel.h"
#include "stray/context.h"
#include "stray/error.h"
#include "stray/go.h"
#include "stray/once.h"
#include "stray/wait_group.h"

namespace stray {

class ErrGroup {
 public:
  ErrGroup() = default;  // an error cancels nothing
  explicit ErrGroup(const Context& parent) {
    auto [context, cancel] = WithCancelCause(parent);
    context_ = std::move(context);
    cancel_ = std::move(cancel);
  }
  ErrGroup(const ErrGroup&) = delete;
  ErrGroup& operator=(const ErrGroup&) = delete;

  // Done with the first error, and once Wait returns.
  const Context& GetContext() const { return context_; }

  // No more than so many goroutines at once from now on; less than zero: any number. Not while some run.
  void SetLimit(int limit) {
    if (places_ && places_.Len() != 0)
      Panic("errgroup: modify limit while goroutines in the group are still active");
    places_ = limit < 0 ? Chan<Unit>() : MakeChan<Unit>(static_cast<size_t>(limit));
    is_limited_ = limit >= 0;
  }

  // Starts a goroutine that calls `f`; waits first, while there are as many as the limit allows.
  template <typename F>
  [[gnu::always_inline]] inline void Go(F&& f) {
    if (is_limited_) places_.Send({});
    Start(std::forward<F>(f));
  }
  // False, without a start, if it would have to wait.
  template <typename F>
  [[nodiscard, gnu::always_inline]] inline bool TryGo(F&& f) {
    if (is_limited_ && !places_.TrySend({})) return false;
    Start(std::forward<F>(f));
    return true;
  }

  // Until all have returned; the first error.
  Error Wait() {
    all_.Wait();
    cancel_(error_);
    return error_;
  }

 private:
  template <typename F>
  [[gnu::always_inline]] inline void Start(F&& f) {
    all_.Go([this, function = std::decay_t<F>(std::forward<F>(f))]() mutable {
      {
        std::decay_t<F> call(std::move(function));
        Note(Result(call));
      }
      if (is_limited_) places_.Recv();
    });
  }
  template <typename F>
  static Error Result(F& f) {
    if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
      f();
      return {};
    } else {
      return f();
    }
  }
  void Note(Error error) {
    if (!error) return;
    first_.Do([&] {
      error_ = std::move(error);
      cancel_(error_);
    });
  }

  Context context_;
  CancelCauseFunc cancel_;
  WaitGroup all_;
  Chan<Unit> places_;  // holds one value for each goroutine
  bool is_limited_ = false;
  Once first_;
  Error error_;
};

}  // namespace stray

#endif  // STRAY_ERRGROUP_H_
