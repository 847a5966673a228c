// SPDX-License-Identifier: Apache-2.0
// time.cc: time.h on the timers of the scheduler.
//
// A timer that is in a heap, or taken out of it and about to fire, holds a reference. Stop and Reset cannot
// call one back that is about to fire; they only count it in `ignored`, and it does nothing when it comes.
//
// A timer with a channel belongs to that: they have one lock and one count of references, the channel's.
// timer_channel.h says when it is in a heap. One that calls a function is in a heap as long as it is pending.
#include "stray/time.h"

#include "instrumentation/runtime/panic.h"
#include "instrumentation/runtime/seeded_order.h"
#include "instrumentation/runtime/timer_channel.h"
#include "instrumentation/runtime/timer_clock.h"
#include "instrumentation/runtime/timers.h"
#include "instrumentation/tsan/channel_steps.h"

namespace stray::detail {

using runtime::WordGuard;
using runtime::WordLock;

struct TimerState {
  runtime::Timer timer;     // when_ns: when it is due, if it is pending
  bool is_pending = false;  // will send or call
  bool is_in_heap = false;  // or about to fire, and will not be ignored
  uint32_t ignored = 0;     // firings on their way that are void
  int64_t period_ns = 0;    // 0: once
  Channel* channel = nullptr;
  const void* created_at = nullptr;
  // Of one that calls.
  LaterCall* call = nullptr;
  WordLock lock;
  std::atomic<uint32_t> references{1};

  // Guards all of the above.
  WordLock& Lock() { return channel != nullptr ? channel->lock : lock; }
  bool HasWork() const { return channel == nullptr || !channel->receivers.IsEmpty(); }
};

namespace {

int64_t Later(Nanoseconds delay) {
  const int64_t now_ns = runtime::TimerClock::Now();
  return delay.count() <= 0 ? now_ns : runtime::Later(now_ns, delay.count());
}

// All of these with the lock held, up to Tick().

void EnterHeap(TimerState* state) {
  if (!state->is_pending || state->is_in_heap || !state->HasWork()) return;
  state->is_in_heap = true;
  Retain(state);
  runtime::StartTimer(&state->timer);
}

// True if the reference of the heap is now the caller's to release.
bool LeaveHeap(TimerState* state) {
  if (!state->is_in_heap) return false;
  state->is_in_heap = false;
  if (runtime::StopTimer(&state->timer)) return true;
  ++state->ignored;
  return false;
}

// Whether those that wait for the channel will go on by themselves. Who is in a select is left alone: it may
// run already, since another case has won.
void TellWaiters(TimerState* state) {
  for (runtime::Waiter* one = state->channel->receivers.First(); one != nullptr; one = one->next) {
    if (one->is_select) continue;
    uint32_t& flags = one->task->record.flags;
    flags = state->is_pending ? flags | bridge::kWaitsForTimer : flags & ~uint32_t{bridge::kWaitsForTimer};
  }
}

void Arm(TimerState* state, int64_t when_ns) {
  state->is_pending = true;
  state->timer.when_ns = when_ns;
  if (state->call != nullptr) {
    runtime::PendingCalls().fetch_add(1, std::memory_order_relaxed);
  } else {
    TellWaiters(state);
  }
  EnterHeap(state);
}

// What it has sent and nobody has received. True if there was something.
bool DropValue(Channel* channel) {
  channel->first = channel->end;
  return channel->count.exchange(0, std::memory_order_relaxed) != 0;
}

// True if it was pending, or what it has sent is still there. `*drop` as LeaveHeap().
bool Disarm(TimerState* state, bool* drop) {
  const bool was_pending = state->is_pending;
  state->is_pending = false;
  *drop = LeaveHeap(state);
  if (state->call != nullptr) {
    if (was_pending) runtime::PendingCalls().fetch_sub(1, std::memory_order_relaxed);
    return was_pending;
  }
  TellWaiters(state);
  return DropValue(state->channel) || was_pending;
}

// It is due: sends, and is pending no more, or anew. The task to make ready, or null.
runtime::Task* Tick(TimerState* state) {
  Time due(Nanoseconds(runtime::TimerClock::OverAt(state->timer.when_ns)));
  tsan::Acquire(state);
  const Step step = StepSend(state->channel, &due);
  if (step.ready != nullptr) {
    step.ready->fired->told_by = 0;
  } else {
    state->channel->told_by = 0;
  }
  if (state->period_ns != 0) {
    // The next one that is not over yet: a slow receiver misses the others.
    const int64_t late_ns = runtime::TimerClock::Now() - state->timer.when_ns;
    state->timer.when_ns += late_ns / state->period_ns * state->period_ns;
    state->timer.when_ns = runtime::Later(state->timer.when_ns, state->period_ns);
  } else {
    state->is_pending = false;
    TellWaiters(state);
  }
  return step.ready;
}

// Both in a thread of the scheduler, between two tasks: must not park.

void FireIntoChannel(runtime::Timer* timer) {
  auto* state = static_cast<TimerState*>(timer->argument);
  // Else who started this timer would come before all that this thread fires later.
  const runtime::NobodyScope nobody;
  runtime::Task* ready = nullptr;
  {
    WordGuard guard(state->Lock());
    if (state->ignored != 0) {
      --state->ignored;
    } else {
      state->is_in_heap = false;
      ready = Tick(state);
      EnterHeap(state);
    }
  }
  if (ready != nullptr) runtime::Ready(ready);
  Release(state);
}

void FireCall(runtime::Timer* timer) {
  auto* state = static_cast<TimerState*>(timer->argument);
  const runtime::NobodyScope nobody;
  bool is_void;
  {
    WordGuard guard(state->Lock());
    is_void = state->ignored != 0;
    if (is_void) {
      --state->ignored;
    } else {
      state->is_in_heap = state->is_pending = false;
      tsan::Acquire(state);
    }
  }
  // What the user's function has captured is not to be destroyed here, where nobody may park.
  Go([state, is_void] {
    if (!is_void) state->call->Run();
    Release(state);
  });
  // From now on there is a goroutine to be seen instead.
  if (!is_void) runtime::PendingCalls().fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace

void RunTimerIfDueSlow(Channel* channel) {
  TimerState* state = channel->timer;
  if (state == nullptr || !state->is_pending || state->is_in_heap) return;
  if (state->timer.when_ns > runtime::TimerClock::Now()) return;
  const runtime::NobodyScope nobody;  // not the caller's doing
  Tick(state);                        // nobody waits, so there is nobody to make ready
}

bool StartTimerForWaiter(Channel* channel) {
  if (channel->timer == nullptr) return true;  // that of a context: it is in a heap
  EnterHeap(channel->timer);
  return channel->timer->is_pending;
}

void StopTimerIfNobodyWaits(Channel* channel) {
  if (channel->timer == nullptr) return;
  // The caller has a handle: this is not the last reference.
  if (channel->receivers.IsEmpty() && LeaveHeap(channel->timer)) Release(channel);
}

void DeleteTimer(TimerState* timer) { delete timer; }

TimerState* StartTimer(Nanoseconds delay, Nanoseconds period, LaterCall* call, const void* site) {
  SchedulingPoint();
  auto* state = new TimerState;
  state->created_at = site;
  state->timer.argument = state;
  state->timer.fire = call == nullptr ? &FireIntoChannel : &FireCall;
  state->period_ns = period.count();
  state->call = call;
  if (call == nullptr) {
    Channel* channel = NewChannel(TypeOf<Time>(), 1);
    channel->fed_by_timer = true;
    tsan::TellStep(tsan::ChannelStep::kFed, channel, STRAY_STEP_CALLER());
    channel->created_at = site;
    channel->timer = state;
    state->channel = channel;
  }
  tsan::Release(state);
  WordGuard guard(state->Lock());
  Arm(state, Later(delay));
  return state;
}

void Retain(TimerState* state) noexcept {
  if (state->channel != nullptr) return Retain(state->channel);
  state->references.fetch_add(1, std::memory_order_relaxed);
}

void Release(TimerState* state) noexcept {
  if (state->channel != nullptr) return Release(state->channel);
  tsan::Release(&state->references);
  if (state->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  tsan::Acquire(&state->references);  // whoever had a handle is done with the timer
  delete state->call;
  delete state;
}

bool Stop(TimerState* state) noexcept {
  SchedulingPoint();
  bool was_pending, drop = false;
  {
    WordGuard guard(state->Lock());
    was_pending = Disarm(state, &drop);
  }
  if (drop) Release(state);
  return was_pending;
}

bool Reset(TimerState* state, Nanoseconds delay, Nanoseconds period) noexcept {
  SchedulingPoint();
  bool was_pending, drop = false;
  {
    WordGuard guard(state->Lock());
    was_pending = Disarm(state, &drop);
    tsan::ReleaseAnew(state);  // who started it before does not start this
    state->period_ns = period.count();
    Arm(state, Later(delay));
  }
  if (drop) Release(state);
  return was_pending;
}

Chan<Time> ChannelOf(const TimerState* state) noexcept {
  if (state->channel == nullptr) return {};
  Retain(state->channel);
  return HandleOf<Time>(state->channel);
}

}  // namespace stray::detail
