// SPDX-License-Identifier: Apache-2.0
#include "agent/heap/block_map.h"

#include <sys/mman.h>

#include "agent/base/raw.h"

namespace stray::heap {

using agent::RawCall;

uint8_t* BlockMap::directory_[heap_abi::kChunks];
uint32_t BlockMap::lost_ = 0;
uint32_t MovingScope::moving_ = 0;

uint8_t* BlockMap::MakeAndFind(uintptr_t address) {
  const size_t chunk = address >> heap_abi::kChunkShift;
  if (chunk >= heap_abi::kChunks) {
    __atomic_store_n(&lost_, 1, __ATOMIC_RELAXED);
    return nullptr;
  }
  const long made = RawCall(SYS_mmap, 0, heap_abi::kMapBytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (made < 0 && made > -4096) {
    __atomic_store_n(&lost_, 1, __ATOMIC_RELAXED);
    return nullptr;
  }
  RawCall(SYS_madvise, made, heap_abi::kMapBytes, MADV_NOHUGEPAGE);
  RawCall(SYS_madvise, made, heap_abi::kMapBytes, MADV_DONTDUMP);
  uint8_t* none = nullptr;
  if (!__atomic_compare_exchange_n(&directory_[chunk], &none, reinterpret_cast<uint8_t*>(made), false,
                                   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    RawCall(SYS_munmap, made, heap_abi::kMapBytes);
  }
  return Find(address);
}

void BlockMap::NoteUnusual(uint8_t* at, uintptr_t address, size_t granules) {
  if (granules >= heap_abi::kLarge) {
    for (unsigned digit = 0; digit < heap_abi::kDigits; ++digit) {
      __atomic_store_n(at + 1 + digit, static_cast<uint8_t>(heap_abi::kDigit | (granules >> 3 * digit & 7)),
                       __ATOMIC_RELAXED);
    }
    __atomic_store_n(at, heap_abi::kLarge, __ATOMIC_RELAXED);
  } else if (granules <= 1) {
    const auto half = static_cast<uint8_t>((address & 8) != 0 ? 2 : 1);
    __atomic_fetch_or(at, static_cast<uint8_t>(heap_abi::kSmall | half), __ATOMIC_RELAXED);
  } else {
    // Not at a multiple of 16, and longer than 8: the granules that it touches.
    __atomic_store_n(at, static_cast<uint8_t>(granules + 1), __ATOMIC_RELAXED);
  }
}

void BlockMap::ForgetUnusual(uint8_t* at, uintptr_t address) {
  uint8_t old = __atomic_load_n(at, __ATOMIC_RELAXED);
  if (old == heap_abi::kLarge) {
    for (unsigned i = 0; i <= heap_abi::kDigits; ++i) __atomic_store_n(at + i, uint8_t{0}, __ATOMIC_RELAXED);
    return;
  }
  const auto half = static_cast<uint8_t>((address & 8) != 0 ? 2 : 1);
  uint8_t left;
  do {
    left = static_cast<uint8_t>(old & ~half);
    if (left == heap_abi::kSmall) left = 0;
  } while (!__atomic_compare_exchange_n(at, &old, left, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
}

}  // namespace stray::heap
