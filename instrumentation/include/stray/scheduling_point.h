// SPDX-License-Identifier: Apache-2.0
// scheduling_point.h: where STRAY_SCHED may let another goroutine run. Not for users: operations of the runtime
// begin with one.
#ifndef STRAY_SCHEDULING_POINT_H_
#define STRAY_SCHEDULING_POINT_H_

namespace stray::detail {

// Both are set when the scheduler starts, and never changed afterwards.
extern bool is_order_seeded;
extern bool has_scheduling_points;  // the order is seeded, or a trace is told of them
void MayPreempt() noexcept;

// No lock of the runtime's own may be held, unless there is a WholeStep.
[[gnu::always_inline]] inline void SchedulingPoint() {
  if (has_scheduling_points) [[unlikely]]
    MayPreempt();
}

}  // namespace stray::detail

#endif  // STRAY_SCHEDULING_POINT_H_
