// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/reach/block_index.h"

#include <string.h>

namespace stray::agent {
namespace {

using heap_abi::kChunkShift;
using heap_abi::kDigit;
using heap_abi::kGranuleShift;
using heap_abi::kLarge;

constexpr uint64_t kPage = 4096;
constexpr uint64_t kGranule = uint64_t{1} << kGranuleShift;
constexpr uint64_t kPageMap = kPage / kGranule;  // bytes of map for a page

bool IsStart(uint8_t byte) { return byte != 0 && byte < kDigit; }

// The highest byte of `word`, of the lowest `bytes`, that says that a block begins there; -1: none.
int HighestStart(uint64_t word, unsigned bytes) {
  if (bytes < 8) word &= (uint64_t{1} << 8 * bytes) - 1;
  while (word != 0) {
    const int byte = 7 - __builtin_clzll(word) / 8;
    if (IsStart(static_cast<uint8_t>(word >> 8 * byte))) return byte;
    word &= byte == 0 ? 0 : (uint64_t{1} << 8 * byte) - 1;
  }
  return -1;
}

}  // namespace

uint64_t BlockIndex::SizeAt(const uint8_t* at) const {
  if (*at < kLarge) return *at * kGranule;
  if (*at != kLarge) return kGranule;  // blocks of 8 bytes
  uint64_t granules = 0;
  for (unsigned digit = 0; digit < heap_abi::kDigits; ++digit) {
    granules |= uint64_t{at[1 + digit] & 7u} << 3 * digit;
  }
  return granules * kGranule;
}

// What stands there for one page, with the digits of its last block, which may stand behind it.
bool BlockIndex::CopyMap(uint64_t page, const uint8_t* from) {
  uint8_t*& map = maps_[page >> kChunkShift];
  if (map == nullptr) map = static_cast<uint8_t*>(MapLargePages(heap_abi::kMapBytes));
  if (map == nullptr) return false;
  constexpr uint64_t kMask = (uint64_t{1} << kChunkShift) - 1;
  memcpy(map + ((page & kMask) >> kGranuleShift), from, kPageMap + heap_abi::kDigits);
  return true;
}

bool BlockIndex::BuildOne(Mapping* mapping, uint64_t* carried) {
  for (uint64_t page = mapping->start; page < mapping->end; page += kPage) {
    if (*carried != 0) {
      const uint64_t size = SizeAt(MapAt(*carried));
      if (*carried + size <= page) *carried = 0;
    }
    const uint8_t* map =
        page >> kChunkShift < heap_abi::kChunks ? heap_->directory[page >> kChunkShift] : nullptr;
    if (map == nullptr) {
      if (*carried != 0 && mapping->carried != nullptr) {
        mapping->carried[(page - mapping->start) / kPage] = *carried;
      } else if (*carried == 0) {
        page = (page | ((uint64_t{1} << kChunkShift) - 1)) + 1 - kPage;  // nothing begins before the next map
      }
      continue;
    }
    constexpr uint64_t kMask = (uint64_t{1} << kChunkShift) - 1;
    map += (page & kMask) >> kGranuleShift;
    int last = -1;
    unsigned word_index = kPageMap / 8;
    while (word_index > 0 && last < 0) {
      uint64_t word;
      memcpy(&word, map + --word_index * 8, 8);
      last = word == 0 ? -1 : HighestStart(word, 8);
    }
    if (last >= 0 || *carried != 0) {
      if (mapping->carried == nullptr) {
        const uint64_t pages = (mapping->end - mapping->start) / kPage;
        mapping->carried = static_cast<uint64_t*>(MapMemory(pages * sizeof(uint64_t)));
        if (mapping->carried == nullptr) return false;
      }
      mapping->has_blocks = true;
      mapping->carried[(page - mapping->start) / kPage] = *carried;
    }
    if (last >= 0 && !CopyMap(page, map)) return false;
    if (last >= 0) *carried = page + (word_index * 8 + static_cast<unsigned>(last)) * kGranule;
  }
  return true;
}

bool BlockIndex::Build(const heap_abi::HeapDescriptor* heap, Growing<Mapping>* mappings) {
  heap_ = heap;
  mappings_ = mappings;
  if (heap == nullptr) return true;
  maps_ = static_cast<uint8_t**>(MapMemory(heap_abi::kChunks * sizeof(uint8_t*)));
  if (maps_ == nullptr) return false;
  uint64_t carried = 0, last_end = 0;
  for (Mapping& mapping : *mappings) {
    if (mapping.start != last_end) carried = 0;
    last_end = mapping.end;
    if (mapping.is_readable && !mapping.is_device && !BuildOne(&mapping, &carried)) return false;
  }
  return true;
}

Block BlockIndex::Next(uint64_t at, uint64_t end) const {
  for (at = (at + kGranule - 1) & ~(kGranule - 1); at < end;) {
    const uint8_t* map = MapAt(at);
    if (map == nullptr) {
      at = (at | ((uint64_t{1} << kChunkShift) - 1)) + 1;
      continue;
    }
    uint64_t word;
    if (at % (8 * kGranule) == 0 && (memcpy(&word, map, 8), word == 0)) {
      at += 8 * kGranule;
    } else if (IsStart(*map)) {
      return {at, at + SizeAt(map)};
    } else {
      at += kGranule;
    }
  }
  return {};
}

Block BlockIndex::Find(uint64_t address) const {
  const uint8_t* at = heap_ == nullptr ? nullptr : MapAt(address);
  if (at == nullptr) return {};
  const uint64_t granule_address = address & ~(kGranule - 1);
  const uint64_t page = address & ~(kPage - 1);
  const uint8_t* first = at - (granule_address - page) / kGranule;  // of the page; 8-aligned, as the map is
  const auto offset = static_cast<unsigned>(at - first);
  uint64_t start = 0;
  for (int word_index = static_cast<int>(offset / 8); word_index >= 0; --word_index) {
    uint64_t word;
    memcpy(&word, first + word_index * 8, 8);
    const unsigned bytes = word_index == static_cast<int>(offset / 8) ? offset % 8 + 1 : 8;
    const int found = word == 0 ? -1 : HighestStart(word, bytes);
    if (found < 0) continue;
    start = page + (static_cast<uint64_t>(word_index) * 8 + static_cast<uint64_t>(found)) * kGranule;
    break;
  }
  if (start == 0) {
    const Mapping* mapping = FindMapping(*mappings_, address);
    if (mapping == nullptr || mapping->carried == nullptr) return {};
    start = mapping->carried[(page - mapping->start) / kPage];
    if (start == 0) return {};
  }
  const uint64_t end = start + SizeAt(MapAt(start));
  return address < end ? Block{start, end} : Block{};
}

}  // namespace stray::agent
