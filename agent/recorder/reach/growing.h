// SPDX-License-Identifier: Apache-2.0
// growing.h: arrays for the copy of a process, which has no heap: from the kernel, and never given back.
#ifndef STRAY_AGENT_RECORDER_REACH_GROWING_H_
#define STRAY_AGENT_RECORDER_REACH_GROWING_H_

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>

#include "agent/base/raw.h"

namespace stray::agent {

// Zeroed memory, or null.
inline void* MapMemory(size_t bytes) {
  const long address = RawCall(SYS_mmap, 0, static_cast<long>(bytes), PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return address < 0 && address > -4096 ? nullptr : reinterpret_cast<void*>(address);
}

// The same, in large pages where the kernel has some: for what is looked up all over, of which a translation
// for every 4 KiB would take longer than the look-up itself.
inline void* MapLargePages(size_t bytes) {
  constexpr uint64_t kLargePage = uint64_t{2} << 20;
  void* memory = MapMemory(bytes + kLargePage);
  if (memory == nullptr) return nullptr;
  const uint64_t start = (reinterpret_cast<uint64_t>(memory) + kLargePage - 1) & ~(kLargePage - 1);
  RawCall(SYS_madvise, static_cast<long>(start), static_cast<long>(bytes & ~(kLargePage - 1)), MADV_HUGEPAGE);
  return reinterpret_cast<void*>(start);
}

// Of trivial values. Once there was no memory for one, `is_full` stays true.
template <typename T>
class Growing {
 public:
  void Push(const T& value) {
    if (count_ == capacity_ && !Grow()) {
      is_full = true;
      return;
    }
    values_[count_++] = value;
  }
  T Pop() { return values_[--count_]; }
  void Shrink(size_t count) { count_ = count; }
  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  T& operator[](size_t index) { return values_[index]; }
  const T& operator[](size_t index) const { return values_[index]; }
  T* begin() { return values_; }
  T* end() { return values_ + count_; }
  const T* begin() const { return values_; }
  const T* end() const { return values_ + count_; }

  bool is_full = false;

 private:
  bool Grow() {
    const size_t bytes = capacity_ * sizeof(T);
    const size_t more = bytes == 0 ? size_t{1} << 16 : bytes * 2;
    const long address = bytes == 0
                             ? reinterpret_cast<long>(MapMemory(more))
                             : RawCall(SYS_mremap, reinterpret_cast<long>(values_), static_cast<long>(bytes),
                                       static_cast<long>(more), MREMAP_MAYMOVE);
    if (address == 0 || (address < 0 && address > -4096)) return false;
    values_ = reinterpret_cast<T*>(address);
    capacity_ = more / sizeof(T);
    return true;
  }

  T* values_ = nullptr;
  size_t count_ = 0, capacity_ = 0;
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_REACH_GROWING_H_
