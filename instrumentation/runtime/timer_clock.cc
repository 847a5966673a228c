// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/timer_clock.h"

#include <sys/syscall.h>

#include <atomic>

namespace stray::runtime {
namespace {

constexpr int64_t kTogetherNs = 50'000;
constexpr int64_t kStepNs = 500;

std::atomic<bool> stands_still{false};
std::atomic<int64_t> now_ns{0};   // while it stands still
std::atomic<int64_t> lag_ns{0};   // behind CLOCK_MONOTONIC, while it passes
std::atomic<int64_t> base_ns{0};  // rounding starts here, so that it does not depend on when the program began

int64_t RoundUp(int64_t length_ns) { return (length_ns + kTogetherNs - 1) / kTogetherNs * kTogetherNs; }

int64_t DueAt(int64_t timer_ns) {
  const int64_t base = base_ns.load(std::memory_order_relaxed);
  return timer_ns <= base ? timer_ns : base + RoundUp(timer_ns - base);
}

bool IsFar(int64_t ns) { return ns > kNever / 2; }

}  // namespace

void TimerClock::Start() { base_ns.store(runtime::Now(), std::memory_order_relaxed); }

int64_t TimerClock::SeededNow() {
  if (stands_still.load(std::memory_order_acquire)) return now_ns.load(std::memory_order_relaxed);
  return runtime::Now() - lag_ns.load(std::memory_order_relaxed);
}

int64_t TimerClock::FromMonotonicSlow(int64_t monotonic_ns) {
  if (IsFar(monotonic_ns)) return monotonic_ns;
  const int64_t left_ns = monotonic_ns - runtime::Now();
  return SeededNow() + (left_ns <= 0 ? 0 : RoundUp(left_ns));
}

int64_t TimerClock::ToMonotonicSlow(int64_t timer_ns) {
  if (IsFar(timer_ns)) return timer_ns;
  return DueAt(timer_ns) - SeededNow() + runtime::Now();
}

void TimerClock::NoteIdle() {
  if (!stands_still.load(std::memory_order_relaxed)) return;
  lag_ns.store(runtime::Now() - now_ns.load(std::memory_order_relaxed), std::memory_order_relaxed);
  stands_still.store(false, std::memory_order_release);
}

void TimerClock::NoteTaken(int64_t first_timer_ns) {
  int64_t now = runtime::Now() - lag_ns.load(std::memory_order_relaxed);
  if (!IsFar(first_timer_ns) && DueAt(first_timer_ns) <= now) {
    const int64_t last = now_ns.load(std::memory_order_relaxed);
    now = DueAt(first_timer_ns) > last ? DueAt(first_timer_ns) : last;
  } else {
    base_ns.store(now, std::memory_order_relaxed);
  }
  now_ns.store(now, std::memory_order_relaxed);
  stands_still.store(true, std::memory_order_release);
}

void TimerClock::Step() {
  const int64_t now = now_ns.load(std::memory_order_relaxed) + kStepNs;
  now_ns.store(now, std::memory_order_relaxed);
  while (runtime::Now() < now) KernelCall(SYS_sched_yield);
}

}  // namespace stray::runtime
