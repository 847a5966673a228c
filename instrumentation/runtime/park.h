// SPDX-License-Identifier: Apache-2.0
// park.h: the one place where tasks stop and go on. Channels, locks and timers are built on these calls and
// know nothing of processors and threads.
//
//   waits                                          wakes
//   lock the object, enter its queue
//   Park(reason, object, &lock) ----> unlocked     lock the object, take the waiter out, unlock
//        ... runs nothing ...                      Ready(waiter->task)
//   returns <--------------------------------------
//
// Invariants
//   - The lock is released only when the task stands still: who takes it out of the queue may make it run at
//   once.
//   - Ready() is called once for each Park().
//   - A task that is a thread parks on a futex; all else is the same.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_PARK_H_
#define STRAY_INSTRUMENTATION_RUNTIME_PARK_H_

#include "instrumentation/runtime/task.h"
#include "instrumentation/runtime/word_lock.h"

namespace stray::runtime {

// The task that calls; a thread is made known at its first call.
Task* CurrentTask();

// Stops the calling task until Ready(). `object` (may be null) is what it waits for, as reports show it.
void Park(WaitReason reason, const void* object, WordLock* lock);
// The same; `after(argument)` is called once the task stands still, on another stack, in place of an unlock.
void ParkAfter(WaitReason reason, const void* object, void (*after)(void*), void* argument);
// For ever.
[[noreturn]] void ParkForEver(WaitReason reason);

// Lets a parked task go on: next of all on this processor. Any thread.
void Ready(Task* task);
// The same for the calling task, behind all others.
void YieldTask();
// Hands the processor over while the calling goroutine may block its thread; nothing for a thread.
void EnterCall();
void LeaveCall();

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_PARK_H_
