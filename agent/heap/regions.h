// SPDX-License-Identifier: Apache-2.0
// regions.h: memory that was mapped by calls of mmap, and by whom: the program's own arenas may hold pointers
// anywhere, an allocator's only in the blocks that it has given out.
#ifndef STRAY_AGENT_HEAP_REGIONS_H_
#define STRAY_AGENT_HEAP_REGIONS_H_

#include <cstdint>

#include "agent/base/spin_lock.h"
#include "agent/wire/heap_abi.h"

namespace stray::heap {

// Thread-safe. libc maps without these calls: what it maps is not here.
class Regions {
 public:
  // `function`: malloc of the allocator behind us. If that is libc's, no call of mmap is an allocator's.
  static void SetAllocator(const void* function);
  // `caller`: an address in the code that has asked for it.
  static void Add(uint64_t start, uint64_t bytes, const void* caller);
  static void Remove(uint64_t start, uint64_t bytes);

  static const heap_abi::MappedRegion* Table() { return table_; }
  static const uint32_t* Count() { return &count_; }

 private:
  static heap_abi::MappedRegion table_[heap_abi::kMostRegions];
  static uint32_t count_;
  static uint64_t allocator_start_, allocator_end_;
};

}  // namespace stray::heap

#endif  // STRAY_AGENT_HEAP_REGIONS_H_
