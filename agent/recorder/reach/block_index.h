// SPDX-License-Identifier: Apache-2.0
// block_index.h: which block of the heap an address lies in, anywhere in it.
//
// The map of libstray_heap.so has where blocks begin (heap_abi.h). From an address the map is read backwards,
// to the beginning of its page at most: for each page it is worked out beforehand which block reaches into it.
#ifndef STRAY_AGENT_RECORDER_REACH_BLOCK_INDEX_H_
#define STRAY_AGENT_RECORDER_REACH_BLOCK_INDEX_H_

#include <cstdint>

#include "agent/recorder/reach/mappings.h"
#include "agent/wire/heap_abi.h"

namespace stray::agent {

struct Block {
  uint64_t start = 0;  // 0: none
  uint64_t end = 0;
};

class BlockIndex {
 public:
  // Looks at all of `mappings`, and notes there which have blocks. `heap` may be null: then nothing is a block.
  // False: no memory. Both must outlive it.
  bool Build(const heap_abi::HeapDescriptor* heap, Growing<Mapping>* mappings);

  // The block that `address` lies in.
  Block Find(uint64_t address) const;

  // The first block that begins in [at, end).
  Block Next(uint64_t at, uint64_t end) const;

  // Find() of it follows soon: brings what that reads into the cache.
  __attribute__((always_inline)) void Fetch(uint64_t address) const {
    const uint8_t* at = heap_ == nullptr ? nullptr : MapAt(address);
    if (at != nullptr) __builtin_prefetch(at);
  }

 private:
  const uint8_t* MapAt(uint64_t address) const {
    const uint64_t chunk = address >> heap_abi::kChunkShift;
    if (chunk >= heap_abi::kChunks) return nullptr;
    const uint8_t* map = maps_[chunk];
    constexpr uint64_t kMask = (uint64_t{1} << heap_abi::kChunkShift) - 1;
    return map == nullptr ? nullptr : map + ((address & kMask) >> heap_abi::kGranuleShift);
  }
  uint64_t SizeAt(const uint8_t* at) const;
  bool BuildOne(Mapping* mapping, uint64_t* carried);
  bool CopyMap(uint64_t page, const uint8_t* from);

  const heap_abi::HeapDescriptor* heap_ = nullptr;
  uint8_t** maps_ = nullptr;  // copies of the maps, in large pages
  const Growing<Mapping>* mappings_ = nullptr;
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_REACH_BLOCK_INDEX_H_
