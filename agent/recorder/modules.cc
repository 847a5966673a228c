// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/modules.h"

#include <dlfcn.h>
#include <elf.h>
#include <string.h>
#include <sys/auxv.h>

#include "agent/base/raw.h"
#include "agent/base/spin_lock.h"
#include "agent/recorder/box.h"

#ifndef DLFO_STRUCT_HAS_EH_DBASE
// Headers older than glibc 2.35: the layout is part of its ABI.
struct dl_find_object {
  unsigned long long dlfo_flags;
  void* dlfo_map_start;
  void* dlfo_map_end;
  link_map* dlfo_link_map;
  void* dlfo_eh_frame;
  unsigned long long dlfo_reserved[7];
};
extern "C" int _dl_find_object(void*, dl_find_object*);
#endif
extern "C" int _dl_find_object(void*, struct dl_find_object*) noexcept __attribute__((weak));

namespace stray::agent {
namespace {

using wire::ModuleRecord;
using wire::RegionId;

SpinLock lock;
uint32_t last_hit = 0;  // index of the module found last: stacks stay in few of them
char main_path[4096];

const ElfW(Ehdr) * HeaderAt(const void* start) {
  const auto* header = static_cast<const ElfW(Ehdr)*>(start);
  return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 ? header : nullptr;
}

// The kernel says where those of the main program are. A library's follow its ELF header, which is at the start
// of its mapping; where there are holes between the segments, `found` describes only one of them, and the
// header is where the library was loaded.
bool FindProgramHeaders(const struct dl_find_object& found, dl_phdr_info* info) {
  if (info->dlpi_name == nullptr || info->dlpi_name[0] == '\0') {
    info->dlpi_phdr = reinterpret_cast<const ElfW(Phdr)*>(getauxval(AT_PHDR));
    info->dlpi_phnum = static_cast<ElfW(Half)>(getauxval(AT_PHNUM));
    return info->dlpi_phdr != nullptr;
  }
  const ElfW(Ehdr)* header = HeaderAt(found.dlfo_map_start);
  if (header == nullptr) header = HeaderAt(reinterpret_cast<const void*>(found.dlfo_link_map->l_addr));
  if (header == nullptr) return false;
  info->dlpi_phdr =
      reinterpret_cast<const ElfW(Phdr)*>(reinterpret_cast<const char*>(header) + header->e_phoff);
  info->dlpi_phnum = header->e_phnum;
  return true;
}

uint32_t ModuleCount() {
  return static_cast<uint32_t>(
      __atomic_load_n(&Box::Header()->regions[static_cast<size_t>(RegionId::kModules)].used, __ATOMIC_ACQUIRE));
}

void CopyBuildId(const dl_phdr_info& info, ModuleRecord* record) {
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info.dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const char* at = reinterpret_cast<const char*>(info.dlpi_addr + segment.p_vaddr);
    const char* end = at + segment.p_memsz;
    while (at + sizeof(ElfW(Nhdr)) <= end) {
      const auto* note = reinterpret_cast<const ElfW(Nhdr)*>(at);
      const char* name = at + sizeof(*note);
      const char* content = name + ((note->n_namesz + 3u) & ~3u);
      if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && memcmp(name, "GNU", 4) == 0 &&
          note->n_descsz <= sizeof(record->build_id) && content + note->n_descsz <= end) {
        memcpy(record->build_id, content, note->n_descsz);
        record->build_id_bytes = note->n_descsz;
        return;
      }
      at = content + ((note->n_descsz + 3u) & ~3u);
    }
  }
}

// Called with the lock held, or while there is one thread only.
void AddModule(const dl_phdr_info& info) {
  uint64_t start = UINT64_MAX, end = 0;
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info.dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    const uint64_t from = (info.dlpi_addr + segment.p_vaddr) & ~uint64_t{4095};
    const uint64_t to = (info.dlpi_addr + segment.p_vaddr + segment.p_memsz + 4095) & ~uint64_t{4095};
    if (from < start) start = from;
    if (to > end) end = to;
  }
  if (start >= end) return;
  uint32_t index = Box::Append(RegionId::kModules);
  if (index == 0) return;
  auto* record = Box::At<ModuleRecord>(RegionId::kModules, index);
  const bool main = info.dlpi_name == nullptr || info.dlpi_name[0] == '\0';
  record->base = info.dlpi_addr;
  record->start = start;
  record->path = Box::AddString(main ? main_path : info.dlpi_name);
  const auto here = reinterpret_cast<uint64_t>(&Modules::Note);
  record->flags = (main ? wire::kModuleMain : 0u) | (here >= start && here < end ? wire::kModuleAgent : 0u);
  CopyBuildId(info, record);
  __atomic_store_n(&record->end, end, __ATOMIC_RELEASE);  // published
  last_hit = index;
}

int AddEach(dl_phdr_info* info, size_t, void*) {
  AddModule(*info);
  return 0;
}

bool IsKnown(uint64_t address, const dl_phdr_info& info) {
  for (uint32_t i = 0, count = ModuleCount(), at = last_hit; i < count; ++i, ++at) {
    if (at == 0 || at > count) at = 1;
    const auto* record = Box::At<ModuleRecord>(RegionId::kModules, at);
    if (address >= record->start && address < record->end && record->base == info.dlpi_addr) {
      last_hit = at;
      return true;
    }
  }
  return false;
}

}  // namespace

void Modules::Initialize() {
  lock.Unlock();
  last_hit = 0;
  long n = RawCall(SYS_readlinkat, -100 /* AT_FDCWD */, reinterpret_cast<long>("/proc/self/exe"),
                   reinterpret_cast<long>(main_path), sizeof(main_path) - 1);
  main_path[n > 0 ? n : 0] = '\0';
  if (_dl_find_object == nullptr) dl_iterate_phdr(&AddEach, nullptr);
}

bool Modules::Describe(uint64_t address, dl_phdr_info* info) {
  if (_dl_find_object == nullptr) return false;
  struct dl_find_object found;
  if (_dl_find_object(reinterpret_cast<void*>(address), &found) != 0) return false;
  memset(info, 0, sizeof(*info));
  info->dlpi_addr = found.dlfo_link_map->l_addr;
  info->dlpi_name = found.dlfo_link_map->l_name;
  return FindProgramHeaders(found, info);
}

void Modules::Note(uint64_t address) {
  dl_phdr_info info;
  if (!Describe(address, &info)) return;
  SpinGuard guard(lock);
  if (IsKnown(address, info)) return;
  AddModule(info);
}

}  // namespace stray::agent
