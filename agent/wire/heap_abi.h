// SPDX-License-Identifier: Apache-2.0
// heap_abi.h: what libstray_heap.so tells the agent in the same process: where the blocks of the heap are.
//
// For every 16 bytes of address space there is one byte of map, made where there are blocks:
//
//   directory[address >> kChunkShift] --> map of 1 GiB     map[(address within it) >> 4]
//
//   0           no block begins here
//   1 .. 239    one does, of so many times 16 bytes
//   240         one does, and 12 digits of 3 bits follow, lowest first: so many times 16 bytes
//   245 .. 247  blocks of at most 8 bytes: bit 0 one in the first half, bit 1 one in the second
//   248 .. 255  a digit
#ifndef STRAY_AGENT_WIRE_HEAP_ABI_H_
#define STRAY_AGENT_WIRE_HEAP_ABI_H_

#include <cstddef>
#include <cstdint>

namespace stray::heap_abi {

inline constexpr uint32_t kHeapAbi = 1;
inline constexpr unsigned kChunkShift = 30, kGranuleShift = 4;
inline constexpr size_t kChunks = size_t{1} << (47 - kChunkShift);
inline constexpr size_t kMapBytes =
    (size_t{1} << (kChunkShift - kGranuleShift)) + 4096;  // a last block's digits
inline constexpr uint8_t kLarge = 240, kSmall = 244, kDigit = 248;
inline constexpr unsigned kDigits = 12;

// Memory that the program has mapped itself, or its allocator has.
struct MappedRegion {
  uint64_t start, end;
  uint64_t is_allocators;
};
inline constexpr uint32_t kMostRegions = 8192;

struct HeapDescriptor {
  uint32_t abi;
  uint32_t reserved;
  uint8_t* const* directory;  // kChunks
  const MappedRegion* regions;
  const uint32_t* region_count;
  // Not zero: a block or region could not be noted, so that what is said above is not all.
  const uint32_t* lost;
  // Blocks that are being resized, and so are in neither their old nor their new place; regions that change.
  const uint32_t* moving;
  // True if the program's calls of malloc come here.
  bool (*is_in_use)();
};

}  // namespace stray::heap_abi

extern "C" {
// Exported by libstray_heap.so.
const stray::heap_abi::HeapDescriptor* stray_heap_describe();
// From now on `watch` is called with each block, and its size, before it is given back. Null: no more.
void stray_heap_watch_free(void (*watch)(const void* block, size_t bytes));
}

#endif  // STRAY_AGENT_WIRE_HEAP_ABI_H_
