// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/reach/own_memory.h"

#include "agent/recorder/modules.h"

namespace stray::agent {
namespace {

constexpr size_t kMost = 16;
struct {
  uint64_t start, end;
} pieces[kMost];
size_t piece_count = 0;

}  // namespace

void OwnMemory::AddModuleOf(const void* address) {
  dl_phdr_info info = {};
  if (address == nullptr || !Modules::Describe(reinterpret_cast<uint64_t>(address), &info)) return;
  for (int i = 0; i < info.dlpi_phnum && piece_count < kMost; ++i) {
    const auto& segment = info.dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) == 0) continue;
    const uint64_t start = info.dlpi_addr + segment.p_vaddr;
    pieces[piece_count++] = {start & ~uint64_t{4095}, (start + segment.p_memsz + 4095) & ~uint64_t{4095}};
  }
}

void OwnMemory::Find(const void* in_heap_library) {
  piece_count = 0;
  AddModuleOf(reinterpret_cast<const void*>(&OwnMemory::Find));
  AddModuleOf(in_heap_library);
}

bool OwnMemory::Piece(size_t number, uint64_t* start, uint64_t* end) {
  if (number >= piece_count) return false;
  *start = pieces[number].start;
  *end = pieces[number].end;
  return true;
}

}  // namespace stray::agent
