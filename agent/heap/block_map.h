// SPDX-License-Identifier: Apache-2.0
// block_map.h: notes where blocks of the heap begin, and how long they are: see heap_abi.h.
//
// A byte of the map belongs to the one block that begins there, and so to the thread that allocates or frees
// it: plain stores do, but for blocks of 8 bytes, two of which share a byte.
#ifndef STRAY_AGENT_HEAP_BLOCK_MAP_H_
#define STRAY_AGENT_HEAP_BLOCK_MAP_H_

#include <cstddef>
#include <cstdint>

#include "agent/wire/heap_abi.h"

namespace stray::heap {

// For as long as what is noted is not true: see HeapDescriptor::moving.
class MovingScope {
 public:
  MovingScope() { __atomic_fetch_add(&moving_, 1, __ATOMIC_SEQ_CST); }
  ~MovingScope() { __atomic_fetch_sub(&moving_, 1, __ATOMIC_SEQ_CST); }
  MovingScope(const MovingScope&) = delete;
  MovingScope& operator=(const MovingScope&) = delete;
  static const uint32_t* Count() { return &moving_; }

 private:
  static uint32_t moving_;
};

class BlockMap {
 public:
  static void Note(void* block, size_t bytes) {
    const auto address = reinterpret_cast<uintptr_t>(block);
    uint8_t* at = Find(address);
    if (__builtin_expect(at == nullptr, 0)) {
      at = MakeAndFind(address);
      if (at == nullptr) return;
    }
    const size_t granules = (bytes + 15) >> heap_abi::kGranuleShift;
    if (__builtin_expect(bytes <= 8 || (address & 8) != 0 || granules >= heap_abi::kLarge, 0)) {
      return NoteUnusual(at, address, granules);
    }
    __atomic_store_n(at, static_cast<uint8_t>(granules), __ATOMIC_RELAXED);
  }

  static void Forget(void* block) {
    const auto address = reinterpret_cast<uintptr_t>(block);
    uint8_t* at = Find(address);
    if (__builtin_expect(at == nullptr, 0)) return;
    if (__builtin_expect(__atomic_load_n(at, __ATOMIC_RELAXED) >= heap_abi::kLarge, 0)) {
      return ForgetUnusual(at, address);
    }
    __atomic_store_n(at, uint8_t{0}, __ATOMIC_RELAXED);
  }

  static uint8_t* const* Directory() { return directory_; }
  static const uint32_t* Lost() { return &lost_; }

 private:
  static uint8_t* Find(uintptr_t address) {
    const size_t chunk = address >> heap_abi::kChunkShift;
    if (__builtin_expect(chunk >= heap_abi::kChunks, 0)) return nullptr;
    uint8_t* map = __atomic_load_n(&directory_[chunk], __ATOMIC_RELAXED);
    constexpr uintptr_t kMask = (uintptr_t{1} << heap_abi::kChunkShift) - 1;
    return map == nullptr ? nullptr : map + ((address & kMask) >> heap_abi::kGranuleShift);
  }
  static uint8_t* MakeAndFind(uintptr_t address);
  static void NoteUnusual(uint8_t* at, uintptr_t address, size_t granules);
  static void ForgetUnusual(uint8_t* at, uintptr_t address);

  static uint8_t* directory_[heap_abi::kChunks];
  static uint32_t lost_;
};

}  // namespace stray::heap

#endif  // STRAY_AGENT_HEAP_BLOCK_MAP_H_
