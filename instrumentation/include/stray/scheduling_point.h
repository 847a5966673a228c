// SPDX-License-Identifier: Apache-2.0
// scheduling_point.h: where STRAY_SCHED may let another goroutine run. Not for users: operations of the runtime
// begin with one.
#ifndef STRAY_SCHEDULING_POINT_H_
#define STRAY_SCHEDULING_POINT_H_

namespace stray::detail {

extern bool is_order_seeded;  // set when the scheduler starts, never changed afterwards
void MayPreempt() noexcept;

// No lock of the runtime's own may be held, unless there is a WholeStep.
[[gnu::always_inline]] inline void SchedulingPoint() {
  if (is_order_seeded) [[unlikely]]
    MayPreempt();
}

}  // namespace stray::detail

#endif  // STRAY_SCHEDULING_POINT_H_
