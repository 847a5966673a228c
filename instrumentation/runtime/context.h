// SPDX-License-Identifier: Apache-2.0
// context.h: where a task stands while it does not run, and how to go on there.
//
// Only stack pointer, frame pointer and program counter are kept. All else is declared as overwritten, so the
// compiler itself saves what it needs, in the frame of the function that switches: any unwinder that knows that
// function's frame can walk a parked task from these three words.
//
// The floating-point control words (rounding, exceptions) belong to the thread, not to the task.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_CONTEXT_H_
#define STRAY_INSTRUMENTATION_RUNTIME_CONTEXT_H_

namespace stray::runtime {

struct Context {
  void* sp;
  void* fp;
  void* pc;
};

}  // namespace stray::runtime

#if defined(__x86_64__)
#include "instrumentation/runtime/context_x86_64.h"
#elif defined(__aarch64__)
#include "instrumentation/runtime/context_aarch64.h"
#else
#error "stray's runtime has no switch routine for this processor"
#endif

#endif  // STRAY_INSTRUMENTATION_RUNTIME_CONTEXT_H_
