// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace stray::runtime {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

}  // namespace

long KernelCall(long number, long a, long b, long c, long d, long e, long f) {
#if defined(__x86_64__)
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  register long x4 asm("x4") = e;
  register long x5 asm("x5") = f;
  asm volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
#endif
}

int64_t Now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kSecondNs + now.tv_nsec;
}

void FutexWait(const void* word, uint32_t expected, int64_t deadline_ns) {
  // FUTEX_WAIT_BITSET takes a deadline, FUTEX_WAIT a length.
  const timespec deadline = {deadline_ns / kSecondNs, deadline_ns % kSecondNs};
  const timespec* limit = deadline_ns == kNever ? nullptr : &deadline;
  KernelCall(SYS_futex, reinterpret_cast<long>(word), FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected,
             reinterpret_cast<long>(limit), 0, FUTEX_BITSET_MATCH_ANY);
}

void FutexWake(const void* word, int count) {
  KernelCall(SYS_futex, reinterpret_cast<long>(word), FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count);
}

void WriteError(const char* text, size_t size) {
  while (size > 0) {
    const long written = KernelCall(SYS_write, 2, reinterpret_cast<long>(text), static_cast<long>(size));
    if (written == -EINTR) continue;
    if (written <= 0) return;
    text += written;
    size -= static_cast<size_t>(written);
  }
}

size_t MostMappings() {
  char text[32] = {};
  const int fd = open("/proc/sys/vm/max_map_count", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 65530;
  const ssize_t size = read(fd, text, sizeof(text) - 1);
  close(fd);
  return size > 0 ? strtoull(text, nullptr, 10) : 65530;
}

}  // namespace stray::runtime
