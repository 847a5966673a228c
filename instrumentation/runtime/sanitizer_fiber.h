// SPDX-License-Identifier: Apache-2.0
// sanitizer_fiber.h: the fiber by which ThreadSanitizer knows a goroutine.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_SANITIZER_FIBER_H_
#define STRAY_INSTRUMENTATION_RUNTIME_SANITIZER_FIBER_H_

#include "instrumentation/runtime/task.h"

namespace stray::runtime {

// A fiber that the calling task creates. Its name is goroutine 5 "worker", or goroutine 5: so the sanitizer's
// reports call it as ours do, and analyzer/load/adopt_reports.h knows it again. Only where there is a TSan.
void* MakeSanitizerFiber(const Task* task);

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_SANITIZER_FIBER_H_
