// SPDX-License-Identifier: Apache-2.0
// raw.h: the kernel without libc in between.
//
// The agent runs inside hooks of libc functions, so it must not call what it hooks, must not touch errno,
// and must work in signal handlers. Results are the kernel's: negative errno on failure.
#ifndef STRAY_AGENT_BASE_RAW_H_
#define STRAY_AGENT_BASE_RAW_H_

#include <sys/syscall.h>
#include <time.h>

#include <cstddef>
#include <cstdint>

namespace stray::agent {

#if defined(__x86_64__)
inline long RawCall(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
inline long RawCall(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
#else
#error "stray runs on x86-64 and aarch64"
#endif

inline int RawPid() { return static_cast<int>(RawCall(SYS_getpid)); }
inline int RawTid() { return static_cast<int>(RawCall(SYS_gettid)); }

// Opens, reads and closes without libc. ReadFile returns the bytes read (at most `size`), or -errno.
int RawOpen(const char* path, int flags, int mode = 0);
void RawClose(int fd);
long ReadFile(const char* path, char* buffer, size_t size);

// Waits until *word != expected, a wake, or the timeout. Spurious returns are possible.
void FutexWait(const uint32_t* word, uint32_t expected, uint64_t timeout_ns);
void FutexWake(uint32_t* word);

// CLOCK_MONOTONIC_COARSE through the vdso: about 5 ns, 4 ms coarse. What waits are dated with.
uint64_t CoarseNow();
// CLOCK_MONOTONIC.
uint64_t PreciseNow();

// Decimal digits of `value`, terminated; `out` needs 21 bytes. Returns the number of digits.
size_t FormatUnsigned(uint64_t value, char* out);
// Reads decimal (lower-case hexadecimal) digits at *text and moves it behind them.
uint64_t ParseUnsigned(const char** text);
uint64_t ParseHex(const char** text);

}  // namespace stray::agent

#endif  // STRAY_AGENT_BASE_RAW_H_
