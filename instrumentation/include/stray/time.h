// SPDX-License-Identifier: Apache-2.0
// time.h: timers and tickers, as in Go's package time.
//
//   stray::Select(stray::OnRecv(results, use), stray::OnRecv(stray::After(1s), give_up));
//
//   stray::Ticker ticker = stray::NewTicker(100ms);
//   for (stray::Time now : ticker.C()) Poll(now);
//
// Time is an instant of the steady clock: what Go's time.Time is for, but for the date.
//
// A timer sends the time once; Stop and Reset tell whether it had still something to send, and after either
// nothing old is left in its channel (as in Go since 1.23). A ticker sends again and again; for a receiver that
// is slow it drops ticks, since its channel has room for one. AfterFunc calls a function in a goroutine of its
// own.
//
// Timer and Ticker are handles, copies mean the same one. Neither has to be stopped to be given back: a timer
// with a channel lives as long as somebody has it or its channel, and does nothing but while somebody waits for
// the channel or looks into it, nor does it count as something that may still happen. Only AfterFunc goes on
// without its handle, until it has called.
//
// What is sent is the time at which the timer was due.
//
// The start of a timer happens before what it sends, or calls.
#ifndef STRAY_TIME_H_
#define STRAY_TIME_H_

#include <chrono>
#include <type_traits>
#include <utility>

#include "stray/channel.h"
#include "stray/go.h"
#include "stray/sync_core.h"

namespace stray {

using Time = std::chrono::steady_clock::time_point;

namespace detail {

struct TimerState;  // of the runtime

using Nanoseconds = std::chrono::nanoseconds;

// What is called later; move-only functions have no std::function in C++20.
struct LaterCall {
  virtual ~LaterCall() = default;
  virtual void Run() = 0;
};
template <typename Function>
struct LaterCallOf final : LaterCall {
  template <typename F>
  explicit LaterCallOf(F&& from) : function(std::forward<F>(from)) {}
  void Run() override { function(); }
  Function function;
};
template <typename F>
LaterCall* NewLaterCall(F&& f) {
  return new LaterCallOf<std::decay_t<F>>(std::forward<F>(f));
}

TimerState* StartTimer(Nanoseconds delay, Nanoseconds period, LaterCall* call, const void* site);
void Retain(TimerState* timer) noexcept;
void Release(TimerState* timer) noexcept;
bool Stop(TimerState* timer) noexcept;
bool Reset(TimerState* timer, Nanoseconds delay, Nanoseconds period) noexcept;
Chan<Time> ChannelOf(const TimerState* timer) noexcept;

template <typename Rep, typename Period>
Nanoseconds AtLeast(std::chrono::duration<Rep, Period> duration) {
  return std::chrono::ceil<Nanoseconds>(duration);
}

class TimerRef {
 public:
  TimerRef() = default;
  explicit TimerRef(TimerState* owned) : timer_(owned) {}
  TimerRef(const TimerRef& other) noexcept : timer_(other.timer_) {
    if (timer_ != nullptr) Retain(timer_);
  }
  TimerRef(TimerRef&& other) noexcept : timer_(std::exchange(other.timer_, nullptr)) {}
  TimerRef& operator=(TimerRef other) noexcept {
    std::swap(timer_, other.timer_);
    return *this;
  }
  ~TimerRef() {
    if (timer_ != nullptr) Release(timer_);
  }
  TimerState* get() const { return timer_; }

 private:
  TimerState* timer_ = nullptr;
};

}  // namespace detail

class Timer {
 public:
  Timer() = default;  // as if stopped
  explicit Timer(detail::TimerState* owned) : timer_(owned) {}

  // Where the time is sent; of AfterFunc, the nil channel.
  RecvChan<Time> C() const { return timer_.get() == nullptr ? Chan<Time>() : detail::ChannelOf(timer_.get()); }
  // True if it was pending: it will not send, or call, any more.
  bool Stop() const { return timer_.get() != nullptr && detail::Stop(timer_.get()); }
  // Starts it anew; true if it was pending.
  template <typename Rep, typename Period>
  bool Reset(std::chrono::duration<Rep, Period> delay) const {
    return timer_.get() != nullptr && detail::Reset(timer_.get(), detail::AtLeast(delay), {});
  }

 private:
  detail::TimerRef timer_;
};

class Ticker {
 public:
  Ticker() = default;
  explicit Ticker(detail::TimerState* owned) : timer_(owned) {}

  RecvChan<Time> C() const { return timer_.get() == nullptr ? Chan<Time>() : detail::ChannelOf(timer_.get()); }
  // No more ticks. Does not close the channel: who waits for it waits on.
  bool Stop() const { return timer_.get() != nullptr && detail::Stop(timer_.get()); }
  template <typename Rep, typename Period>
  bool Reset(std::chrono::duration<Rep, Period> period) const {
    if (period.count() <= 0) Panic("non-positive interval for Ticker.Reset");
    return timer_.get() != nullptr &&
           detail::Reset(timer_.get(), detail::AtLeast(period), detail::AtLeast(period));
  }

 private:
  detail::TimerRef timer_;
};

template <typename Rep, typename Period>
[[gnu::always_inline]] inline Timer NewTimer(std::chrono::duration<Rep, Period> delay) {
  return Timer(detail::StartTimer(detail::AtLeast(delay), {}, nullptr, detail::Here()));
}

template <typename Rep, typename Period>
[[gnu::always_inline]] inline Ticker NewTicker(std::chrono::duration<Rep, Period> period) {
  if (period.count() <= 0) Panic("non-positive interval for NewTicker");
  return Ticker(detail::StartTimer(detail::AtLeast(period), detail::AtLeast(period), nullptr, detail::Here()));
}

// The time is sent after `delay`.
template <typename Rep, typename Period>
[[gnu::always_inline]] inline RecvChan<Time> After(std::chrono::duration<Rep, Period> delay) {
  return NewTimer(delay).C();
}

// The channel of a ticker that stops once nobody has the channel; the nil channel if `period` is not positive.
template <typename Rep, typename Period>
[[gnu::always_inline]] inline RecvChan<Time> Tick(std::chrono::duration<Rep, Period> period) {
  if (period.count() <= 0) return {};
  return NewTicker(period).C();
}

// Calls `f` after `delay`, in a goroutine of its own; again after a Reset.
template <typename Rep, typename Period, typename F>
[[gnu::always_inline]] inline Timer AfterFunc(std::chrono::duration<Rep, Period> delay, F&& f) {
  return Timer(
      detail::StartTimer(detail::AtLeast(delay), {}, detail::NewLaterCall(std::forward<F>(f)), detail::Here()));
}

}  // namespace stray

#endif  // STRAY_TIME_H_
