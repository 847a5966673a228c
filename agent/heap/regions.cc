// SPDX-License-Identifier: Apache-2.0
#include "agent/heap/regions.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>

#include "agent/base/raw.h"
#include "agent/heap/block_map.h"

#define STRAY_HEAP_EXPORT extern "C" __attribute__((visibility("default"), used))

namespace stray::heap {

using agent::RawCall;

heap_abi::MappedRegion Regions::table_[heap_abi::kMostRegions];
uint32_t Regions::count_ = 0;
uint64_t Regions::allocator_start_ = 0, Regions::allocator_end_ = 0;

namespace {

agent::SpinLock lock;

}  // namespace

void Regions::SetAllocator(const void* function) {
  Dl_info info;
  if (dladdr(function, &info) == 0 || info.dli_fname == nullptr) return;
  const char* name = strrchr(info.dli_fname, '/');
  if (strncmp(name == nullptr ? info.dli_fname : name + 1, "libc.so", 7) == 0) return;
  // The headers as they are mapped: dl_iterate_phdr() would go through a sanitizer that has not begun.
  const auto base = reinterpret_cast<uint64_t>(info.dli_fbase);
  const auto* header = static_cast<const ElfW(Ehdr)*>(info.dli_fbase);
  const auto* segments = reinterpret_cast<const ElfW(Phdr)*>(base + header->e_phoff);
  for (int i = 0; i < header->e_phnum; ++i) {
    if (segments[i].p_type != PT_LOAD || (segments[i].p_flags & PF_X) == 0) continue;
    allocator_start_ = base + segments[i].p_vaddr;
    allocator_end_ = allocator_start_ + segments[i].p_memsz;
  }
}

void Regions::Add(uint64_t start, uint64_t bytes, const void* caller) {
  const auto code = reinterpret_cast<uint64_t>(caller);
  const bool is_allocators = code >= allocator_start_ && code < allocator_end_;
  const MovingScope moving;
  lock.Lock();
  heap_abi::MappedRegion* last = count_ == 0 ? nullptr : &table_[count_ - 1];
  if (last != nullptr && last->end == start && last->is_allocators == (is_allocators ? 1u : 0u)) {
    last->end = start + bytes;
  } else if (count_ < heap_abi::kMostRegions) {
    table_[count_] = {start, start + bytes, is_allocators ? 1u : 0u};
    __atomic_store_n(&count_, count_ + 1, __ATOMIC_RELEASE);
  } else {
    // Said to be the program's from here to the end of memory: nothing is concluded from what is not known.
    table_[count_ - 1] = {0, UINT64_MAX, 0};
  }
  lock.Unlock();
}

void Regions::Remove(uint64_t start, uint64_t bytes) {
  const uint64_t end = start + bytes;
  const MovingScope moving;
  lock.Lock();
  for (uint32_t i = 0; i < count_; ++i) {
    heap_abi::MappedRegion& region = table_[i];
    if (region.end == UINT64_MAX || end <= region.start || start >= region.end) continue;
    // A hole in the middle leaves the region as it was: what is mapped there next is the kernel's to say.
    if (start <= region.start && end >= region.end) {
      region = table_[count_ - 1];
      __atomic_store_n(&count_, count_ - 1, __ATOMIC_RELEASE);
      --i;
    } else if (start <= region.start) {
      region.start = end;
    } else if (end >= region.end) {
      region.end = start;
    }
  }
  lock.Unlock();
}

namespace {

void* Result(long result) {
  if (result < 0 && result > -4096) {
    errno = static_cast<int>(-result);
    return MAP_FAILED;
  }
  return reinterpret_cast<void*>(result);
}

uint64_t WholePages(size_t bytes) { return (uint64_t{bytes} + 4095) / 4096 * 4096; }

// What is behind us. Looked up when the library is loaded: a look-up waits for the loader's lock, and whoever
// has that may wait for the caller (a library that joins its threads when it is unloaded). Until then there is
// one thread, and the kernel is asked.
struct RealMaps {
  void* (*mmap)(void*, size_t, int, int, int, long);
  int (*munmap)(void*, size_t);
  void* (*mremap)(void*, size_t, size_t, int, ...);
};
RealMaps real;

template <typename Function>
void LookUp(Function*& function, const char* name) {
  function = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

__attribute__((constructor)) void LookUpMaps() {
  LookUp(real.mmap, "mmap");
  LookUp(real.munmap, "munmap");
  LookUp(real.mremap, "mremap");
}

void* Map(void* address, size_t bytes, int protection, int flags, int fd, long offset, const void* caller) {
  void* mapped = real.mmap == nullptr ? Result(RawCall(SYS_mmap, reinterpret_cast<long>(address),
                                                       static_cast<long>(bytes), protection, flags, fd, offset))
                                      : real.mmap(address, bytes, protection, flags, fd, offset);
  if (mapped != MAP_FAILED && (flags & MAP_ANONYMOUS) != 0) {
    Regions::Add(reinterpret_cast<uint64_t>(mapped), WholePages(bytes), caller);
  }
  return mapped;
}

}  // namespace
}  // namespace stray::heap

using namespace stray::heap;  // NOLINT: below is the library's C face

STRAY_HEAP_EXPORT void* mmap(void* address, size_t bytes, int protection, int flags, int fd,
                             off_t offset) noexcept {
  return Map(address, bytes, protection, flags, fd, offset, __builtin_return_address(0));
}

STRAY_HEAP_EXPORT void* mmap64(void* address, size_t bytes, int protection, int flags, int fd,
                               off64_t offset) noexcept {
  return Map(address, bytes, protection, flags, fd, offset, __builtin_return_address(0));
}

STRAY_HEAP_EXPORT int munmap(void* address, size_t bytes) noexcept {
  Regions::Remove(reinterpret_cast<uint64_t>(address), WholePages(bytes));
  if (real.munmap != nullptr) return real.munmap(address, bytes);
  void* const result = Result(RawCall(SYS_munmap, reinterpret_cast<long>(address), static_cast<long>(bytes)));
  return result == MAP_FAILED ? -1 : 0;
}

STRAY_HEAP_EXPORT void* mremap(void* address, size_t old_bytes, size_t bytes, int flags, ...) noexcept {
  va_list arguments;
  va_start(arguments, flags);
  void* wished = (flags & MREMAP_FIXED) != 0 ? va_arg(arguments, void*) : nullptr;
  va_end(arguments);
  void* moved = real.mremap != nullptr
                    ? real.mremap(address, old_bytes, bytes, flags, wished)
                    : Result(RawCall(SYS_mremap, reinterpret_cast<long>(address), static_cast<long>(old_bytes),
                                     static_cast<long>(bytes), flags, reinterpret_cast<long>(wished)));
  if (moved == MAP_FAILED) return moved;
  Regions::Remove(reinterpret_cast<uint64_t>(address), WholePages(old_bytes));
  Regions::Add(reinterpret_cast<uint64_t>(moved), WholePages(bytes), __builtin_return_address(0));
  return moved;
}
