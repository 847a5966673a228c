// SPDX-License-Identifier: Apache-2.0
// time.cc: time.h on the timers of the scheduler.
//
// A timer that is in a heap, or taken out of it and about to fire, holds a reference. Stop and Reset cannot
// call one back that is about to fire; they only count it in `ignored`, and it does nothing when it comes.
#include "stray/time.h"

#include "instrumentation/runtime/channel.h"
#include "instrumentation/runtime/panic.h"
#include "instrumentation/runtime/sanitizer_fiber.h"
#include "instrumentation/runtime/seeded_order.h"
#include "instrumentation/runtime/timer_clock.h"
#include "instrumentation/runtime/timers.h"
#include "instrumentation/tsan/happens_before.h"

namespace stray::detail {

using runtime::WordGuard;

struct TimerState {
  runtime::Timer timer;
  runtime::WordLock lock;  // guards the rest
  bool is_active = false;  // will send or call
  uint32_t ignored = 0;    // firings on their way that are void
  int64_t period_ns = 0;   // 0: once
  LaterCall* call = nullptr;
  Chan<Time> channel;
  std::atomic<uint32_t> references{1};
  const void* created_at = nullptr;
};

namespace {

int64_t Later(Nanoseconds delay) {
  const int64_t now_ns = runtime::TimerClock::Now();
  return delay.count() <= 0 ? now_ns : runtime::Later(now_ns, delay.count());
}

// With the lock held.
void Arm(TimerState* state, int64_t when_ns) {
  state->is_active = true;
  if (state->call != nullptr) runtime::PendingCalls().fetch_add(1, std::memory_order_relaxed);
  state->timer.when_ns = when_ns;
  Retain(state);
  runtime::StartTimer(&state->timer);
}

// With the lock held. True if it was pending. `*drop`: the reference of the heap is now the caller's to
// release.
bool Disarm(TimerState* state, bool* drop) {
  if (!state->is_active) return false;
  state->is_active = false;
  if (state->call != nullptr) runtime::PendingCalls().fetch_sub(1, std::memory_order_relaxed);
  *drop = runtime::StopTimer(&state->timer);
  if (!*drop) ++state->ignored;
  return true;
}

bool Drain(TimerState* state) { return state->channel && state->channel.TryRecv().has_value(); }

// True if nobody can receive: all that is left of the channel is ours, and nobody has the timer.
bool IsUnseen(const TimerState* state) {
  return state->references.load(std::memory_order_acquire) == 1 && state->channel &&
         state->channel.get()->references.load(std::memory_order_acquire) == 1;
}

// The next tick that is not over yet.
int64_t NextTick(const TimerState* state) {
  const int64_t missed = (runtime::TimerClock::Now() - state->timer.when_ns) / state->period_ns;
  return state->timer.when_ns + (missed + 1) * state->period_ns;
}

// In a thread of the scheduler, between two tasks: must not park.
void Fire(runtime::Timer* timer) {
  auto* state = static_cast<TimerState*>(timer->argument);
  // Else who started this timer would come before all that this thread fires later.
  const runtime::NobodyScope nobody;
  bool is_void;
  {
    WordGuard guard(state->lock);
    is_void = state->ignored != 0;
    if (is_void) {
      --state->ignored;
    } else {
      state->is_active = false;
      tsan::Acquire(state);
      if (state->channel) state->channel.TrySend(Time(Nanoseconds(runtime::Now())));
      if (state->period_ns != 0 && !IsUnseen(state)) Arm(state, NextTick(state));
    }
  }
  if (state->call == nullptr) return Release(state);
  // What the user's function has captured is not to be destroyed here, where nobody may park.
  Go([state, is_void] {
    if (!is_void) state->call->Run();
    Release(state);
  });
  // From now on there is a goroutine to be seen instead.
  if (!is_void) runtime::PendingCalls().fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace

TimerState* StartTimer(Nanoseconds delay, Nanoseconds period, LaterCall* call, const void* site) {
  SchedulingPoint();
  auto* state = new TimerState;
  state->created_at = site;
  state->timer.argument = state;
  state->timer.fire = &Fire;
  state->period_ns = period.count();
  state->call = call;
  if (call == nullptr) {
    state->channel = MakeChan<Time>(1);
    state->channel.get()->fed_by_timer = true;
    state->channel.get()->created_at = site;
  }
  tsan::Release(state);
  WordGuard guard(state->lock);
  Arm(state, Later(delay));
  return state;
}

void Retain(TimerState* state) noexcept { state->references.fetch_add(1, std::memory_order_relaxed); }

void Release(TimerState* state) noexcept {
  tsan::Release(&state->references);
  if (state->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  tsan::Acquire(&state->references);  // whoever had a handle is done with the timer
  delete state->call;
  delete state;
}

bool Stop(TimerState* state) noexcept {
  SchedulingPoint();
  const runtime::WholeStep whole;
  bool was_active, drop = false;
  {
    WordGuard guard(state->lock);
    was_active = Disarm(state, &drop);
    was_active |= Drain(state);
  }
  if (drop) Release(state);
  return was_active;
}

bool Reset(TimerState* state, Nanoseconds delay, Nanoseconds period) noexcept {
  SchedulingPoint();
  const runtime::WholeStep whole;
  bool was_active, drop = false;
  {
    WordGuard guard(state->lock);
    was_active = Disarm(state, &drop);
    was_active |= Drain(state);
    tsan::ReleaseAnew(state);  // who started it before does not start this
    state->period_ns = period.count();
    Arm(state, Later(delay));
  }
  if (drop) Release(state);
  return was_active;
}

const Chan<Time>& ChannelOf(const TimerState* state) noexcept { return state->channel; }

}  // namespace stray::detail
