// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/walk_memory.h"

#include <errno.h>
#include <libunwind.h>
#include <string.h>
#include <sys/uio.h>

#include "agent/base/raw.h"
#include "agent/recorder/thread.h"

namespace stray::agent {
namespace {

constexpr uint64_t kPage = 4096;  // or a part of one
constexpr uint64_t kCopyBytes = 4 * kPage;
constexpr uint64_t kFurthest = 16 * kPage;  // that the next frame may lie from what was read
alignas(16) char copy[kCopyBytes];          // of the other task's stack: one walk at a time

uint64_t EndOfPage(uint64_t address) { return (address | (kPage - 1)) + 1; }

// Where process_vm_readv is forbidden, the kernel is asked by an operation that reads the address as its
// argument and has no effect: `how` is invalid, but the new set is copied in first (EFAULT), and only then
// refused (EINVAL).
bool IsReadable(uint64_t address) {
  const uint64_t aligned = address & ~uint64_t{7};
  uint64_t old;
  const long result =
      RawCall(SYS_rt_sigprocmask, 99, static_cast<long>(aligned), reinterpret_cast<long>(&old), sizeof(old));
  return result != -EFAULT;
}

// True if the kernel will not say: then the memory is looked at where it stands, which is as good as it gets.
bool IsForbidden(long result) { return result < 0 && result != -EFAULT; }

long CopyByKernel(uint64_t address, void* out, size_t bytes) {
  iovec local = {out, bytes};
  iovec remote = {reinterpret_cast<void*>(address), bytes};
  return RawCall(SYS_process_vm_readv, RawPid(), reinterpret_cast<long>(&local), 1,
                 reinterpret_cast<long>(&remote), 1, 0);
}

// Copies what lies within one page, by whatever way there is.
bool CopyWithinPage(uint64_t address, void* out, size_t bytes) {
  const long got = CopyByKernel(address, out, bytes);
  if (got == static_cast<long>(bytes)) return true;
  if (!IsForbidden(got) || !IsReadable(address)) return false;
  memcpy(out, reinterpret_cast<const void*>(address), bytes);
  return true;
}

bool CopyWord(uint64_t address, uint64_t* word) {
  const uint64_t end = EndOfPage(address);
  if (end - address >= sizeof(*word)) return CopyWithinPage(address, word, sizeof(*word));
  const size_t first = end - address;
  auto* bytes = reinterpret_cast<char*>(word);
  return CopyWithinPage(address, bytes, first) && CopyWithinPage(end, bytes + first, sizeof(*word) - first);
}

// Takes one more page, or what is left of one, into the window.
bool Extend(StackWindow* window) {
  const uint64_t begin = window->high;
  const uint64_t end = EndOfPage(begin);
  char byte;
  const bool is_there =
      window->shift == 0
          ? CopyWithinPage(begin, &byte, 1)
          : end - window->low <= kCopyBytes && CopyWithinPage(begin, copy + (begin - window->low), end - begin);
  if (is_there) window->high = end;
  return is_there;
}

// Extends the window up to the word at `address`, which lies behind it or across its end. Not over big gaps.
bool ExtendTo(StackWindow* window, uint64_t address) {
  const uint64_t end = address + sizeof(uint64_t);
  if (address < window->low || end < address || end - window->low > kFurthest + (window->high - window->low)) {
    return false;
  }
  while (window->high < end) {
    if (!Extend(window)) return false;
  }
  return true;
}

// Whether the word at `address` lies in [low, high).
STRAY_HOT bool IsIn(uint64_t address, uint64_t low, uint64_t high) {
  return address >= low && address < high && high - address >= sizeof(uint64_t);
}

STRAY_HOT uint64_t WordAt(uint64_t address) {
  uint64_t word;
  memcpy(&word, reinterpret_cast<const void*>(address), sizeof(word));
  return word;
}

__attribute__((noinline)) bool ReadWordSlowly(StackWindow* window, uint64_t address, uint64_t* word) {
  if (IsIn(address, window->registers, window->registers + sizeof(unw_context_t))) {
    *word = WordAt(address);
    return true;
  }
  if (ExtendTo(window, address)) {
    *word = WordAt(address + window->shift);
    return true;
  }
  return CopyWord(address, word);
}

}  // namespace

bool CopyMemory(uint64_t address, void* out, size_t bytes) {
  return CopyByKernel(address, out, bytes) == static_cast<long>(bytes);
}

void WalkMemory::BeginOwn(uint64_t sp, const void* registers) {
  StackWindow& window = tls.window;
  window.registers = reinterpret_cast<uint64_t>(registers);
  if (window.shift == 0 && sp >= window.low && sp < window.high) return;
  window.low = window.high = sp & ~(kPage - 1);
  window.shift = 0;
}

void WalkMemory::BeginMapped(uint64_t sp, uint64_t top, const void* registers) {
  tls.window = {.low = sp, .high = top, .shift = 0, .registers = reinterpret_cast<uint64_t>(registers)};
}

void WalkMemory::BeginOther(uint64_t sp, const void* registers) {
  StackWindow& window = tls.window;
  window.registers = reinterpret_cast<uint64_t>(registers);
  window.low = window.high = sp & ~uint64_t{15};
  window.shift = reinterpret_cast<uint64_t>(copy) - window.low;
}

}  // namespace stray::agent

// How scripts/build-libunwind lets libunwind read.
extern "C" __attribute__((visibility("hidden"))) int stray_unwind_read_word(unw_word_t address,
                                                                            unw_word_t* word) {
  using namespace stray::agent;
  StackWindow& window = tls.window;
  if (STRAY_LIKELY(IsIn(address, window.low, window.high))) {
    *word = WordAt(address + window.shift);
    return 0;
  }
  return ReadWordSlowly(&window, address, word) ? 0 : -1;
}
