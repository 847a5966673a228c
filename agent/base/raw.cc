// SPDX-License-Identifier: Apache-2.0
#include "agent/base/raw.h"

#include <fcntl.h>
#include <linux/futex.h>

namespace stray::agent {
namespace {

// The vdso serves these clocks without entering the kernel, and never fails for them.
uint64_t Now(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

int RawOpen(const char* path, int flags, int mode) {
  return static_cast<int>(RawCall(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path), flags | O_CLOEXEC, mode));
}

void RawClose(int fd) { RawCall(SYS_close, fd); }

long ReadFile(const char* path, char* buffer, size_t size) {
  int fd = RawOpen(path, O_RDONLY);
  if (fd < 0) return fd;
  size_t done = 0;
  while (done < size) {
    long n = RawCall(SYS_read, fd, reinterpret_cast<long>(buffer + done), static_cast<long>(size - done));
    if (n <= 0) break;
    done += static_cast<size_t>(n);
  }
  RawClose(fd);
  return static_cast<long>(done);
}

void FutexWait(const uint32_t* word, uint32_t expected, uint64_t timeout_ns) {
  timespec timeout = {static_cast<time_t>(timeout_ns / 1'000'000'000u),
                      static_cast<long>(timeout_ns % 1'000'000'000u)};
  // Not FUTEX_PRIVATE: readers of the black box wait and wake on the same words.
  RawCall(SYS_futex, reinterpret_cast<long>(word), FUTEX_WAIT, expected, reinterpret_cast<long>(&timeout));
}

void FutexWake(uint32_t* word) { RawCall(SYS_futex, reinterpret_cast<long>(word), FUTEX_WAKE, 0x7fffffff); }

__attribute__((hot)) uint64_t CoarseNow() { return Now(CLOCK_MONOTONIC_COARSE); }
uint64_t PreciseNow() { return Now(CLOCK_MONOTONIC); }

size_t FormatUnsigned(uint64_t value, char* out) {
  char reversed[20];
  size_t digits = 0;
  do {
    reversed[digits++] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  for (size_t i = 0; i < digits; ++i) out[i] = reversed[digits - 1 - i];
  out[digits] = '\0';
  return digits;
}

uint64_t ParseUnsigned(const char** text) {
  uint64_t value = 0;
  for (; **text >= '0' && **text <= '9'; ++*text) value = value * 10 + static_cast<uint64_t>(**text - '0');
  return value;
}

uint64_t ParseHex(const char** text) {
  uint64_t value = 0;
  for (;; ++*text) {
    const char c = **text;
    if (c >= '0' && c <= '9') {
      value = value << 4 | static_cast<uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value = value << 4 | static_cast<uint64_t>(c - 'a' + 10);
    } else {
      return value;
    }
  }
}

}  // namespace stray::agent
