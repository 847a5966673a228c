// SPDX-License-Identifier: Apache-2.0
// kernel.h: the few system calls of the runtime, made without libc, so that no preload sees the runtime's own
// threads wait, and errno stays what it was.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_KERNEL_H_
#define STRAY_INSTRUMENTATION_RUNTIME_KERNEL_H_

#include <cstddef>
#include <cstdint>

namespace stray::runtime {

// The result of the kernel: -errno on failure.
long KernelCall(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0);

inline constexpr int64_t kNever = INT64_MAX;  // as a deadline

// Nanoseconds of CLOCK_MONOTONIC.
int64_t Now();
// A time so much after another; what would be too late for the clock is before kNever all the same.
constexpr int64_t Later(int64_t from_ns, int64_t length_ns) {
  return length_ns > kNever - 1 - from_ns ? kNever - 1 : from_ns + length_ns;
}

// Waits while *word is `expected`, until woken or `deadline_ns`; may wake for no reason.
void FutexWait(const void* word, uint32_t expected, int64_t deadline_ns = kNever);
void FutexWake(const void* word, int count = 1);

// How many mappings a process may have: vm.max_map_count.
size_t MostMappings();

// Writes all of it to descriptor 2.
void WriteError(const char* text, size_t size);

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_KERNEL_H_
