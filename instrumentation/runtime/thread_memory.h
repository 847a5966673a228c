// SPDX-License-Identifier: Apache-2.0
// thread_memory.h: the thread-local variables of the scheduler's threads. Goroutines that a thread runs one
// after the other use the same errno, and the same thread_local variables of libraries: never at once, but
// nothing that TSan sees orders them.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_THREAD_MEMORY_H_
#define STRAY_INSTRUMENTATION_RUNTIME_THREAD_MEMORY_H_

namespace stray::runtime {

// From now on TSan reports no race for thread-local variables of the calling thread, of modules that are
// loaded. Only where there is a TSan.
void ShareThreadLocalMemory();

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_THREAD_MEMORY_H_
