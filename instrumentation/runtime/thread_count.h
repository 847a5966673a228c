// SPDX-License-Identifier: Apache-2.0
// thread_count.h: how many threads this process has that could do something.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_THREAD_COUNT_H_
#define STRAY_INSTRUMENTATION_RUNTIME_THREAD_COUNT_H_

namespace stray::runtime {

// Threads of the process, without the one that ThreadSanitizer keeps for itself. A number too high, not too
// low, if it cannot be told.
int CountThreads();

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_THREAD_COUNT_H_
