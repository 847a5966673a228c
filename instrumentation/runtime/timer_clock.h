// SPDX-License-Identifier: Apache-2.0
// timer_clock.h: the time by which timers go: CLOCK_MONOTONIC, unless STRAY_SCHED makes the order of goroutines
// depend on a seed. Then it must not depend on how fast the machine is, so
//
//   while a goroutine runs        time stands still, but for a step at each switch, so that a goroutine that
//                                 yields until a timer fires does not wait for ever;
//   while all of them wait        it passes as always, until the first timer is due;
//   a timer wakes the scheduler   it is exactly when that timer is due, rounded up to 50 us, however late the
//                                 machine is: timers within 50 us fire together, and the seed orders their
//                                 tasks;
//   another thread does           it is what has passed.
//
// It never runs ahead of CLOCK_MONOTONIC: who sleeps 10 ms sleeps 10 ms at least.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_TIMER_CLOCK_H_
#define STRAY_INSTRUMENTATION_RUNTIME_TIMER_CLOCK_H_

#include <cstdint>

#include "instrumentation/runtime/kernel.h"
#include "stray/scheduling_point.h"

namespace stray::runtime {

class TimerClock {
 public:
  static int64_t Now() { return detail::is_order_seeded ? SeededNow() : runtime::Now(); }
  // When a timer has to fire so that it is not before `monotonic_ns`.
  static int64_t FromMonotonic(int64_t monotonic_ns) {
    return detail::is_order_seeded ? FromMonotonicSlow(monotonic_ns) : monotonic_ns;
  }
  // Until when to sleep for a timer, as things are. kNever stays kNever.
  static int64_t ToMonotonic(int64_t timer_ns) {
    return detail::is_order_seeded ? ToMonotonicSlow(timer_ns) : timer_ns;
  }
  // When it was a time that is over.
  static int64_t OverAt(int64_t timer_ns) {
    return detail::is_order_seeded ? timer_ns + (runtime::Now() - SeededNow()) : timer_ns;
  }

  // The scheduler's, for a seeded order; with the scheduler's lock held.
  static void Start();
  static void NoteIdle();                         // nobody has the processor
  static void NoteTaken(int64_t first_timer_ns);  // somebody has it again
  // At each switch, with the processor.
  static void Step();

 private:
  static int64_t SeededNow();
  static int64_t FromMonotonicSlow(int64_t monotonic_ns);
  static int64_t ToMonotonicSlow(int64_t timer_ns);
};

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_TIMER_CLOCK_H_
