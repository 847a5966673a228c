// SPDX-License-Identifier: Apache-2.0
// heap.cc: the functions of the allocator. Each hands on to the one behind it (libc's, or that of jemalloc or
// tcmalloc), and notes what that has given or taken back.
//
// A block is forgotten before it is given back, and noted once it has been got: whoever looks at a moment when
// all threads stand still sees every block that the program can have, but for those in the middle of a
// realloc(), which are counted.
#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include "agent/base/raw.h"
#include "agent/heap/block_map.h"
#include "agent/heap/regions.h"

#define STRAY_HEAP_EXPORT extern "C" __attribute__((visibility("default"), used))

namespace stray::heap {
namespace {

struct RealHeap {
  void* (*malloc)(size_t);
  void (*free)(void*);
  void* (*calloc)(size_t, size_t);
  void* (*realloc)(void*, size_t);
  void* (*memalign)(size_t, size_t);
  void* (*aligned_alloc)(size_t, size_t);
  int (*posix_memalign)(void**, size_t, size_t);
  void* (*valloc)(size_t);
  void* (*pvalloc)(size_t);
  size_t (*malloc_usable_size)(void*);
  bool is_ready;
};
RealHeap real;
bool is_resolving = false;

template <typename Function>
void Resolve(Function*& function, const char* name) {
  function = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

// While the functions behind us are looked up, the one thread that there is may ask for memory.
alignas(16) char first_bytes[16384];
size_t first_used = 0;

bool IsFirst(const void* block) {
  return block >= static_cast<const void*>(first_bytes) &&
         block < static_cast<const void*>(first_bytes + sizeof(first_bytes));
}

void* AllocateFirst(size_t bytes) {
  bytes = (bytes + 31) / 16 * 16;  // room for the size in front
  if (bytes > sizeof(first_bytes) - first_used) return nullptr;
  char* block = first_bytes + first_used;
  first_used += bytes;
  memcpy(block, &bytes, sizeof(bytes));
  return block + 16;
}

__attribute__((noinline)) void ResolveAll() {
  if (is_resolving) return;
  is_resolving = true;
  Resolve(real.free, "free");
  Resolve(real.calloc, "calloc");
  Resolve(real.realloc, "realloc");
  Resolve(real.memalign, "memalign");
  Resolve(real.aligned_alloc, "aligned_alloc");
  Resolve(real.posix_memalign, "posix_memalign");
  Resolve(real.valloc, "valloc");
  Resolve(real.pvalloc, "pvalloc");
  Resolve(real.malloc_usable_size, "malloc_usable_size");
  Resolve(real.malloc, "malloc");
  Regions::SetAllocator(reinterpret_cast<const void*>(real.malloc));
  __atomic_store_n(&real.is_ready, true, __ATOMIC_RELEASE);
}

inline bool IsReady() {
  if (__builtin_expect(real.is_ready, 1)) return true;
  ResolveAll();
  return real.is_ready;
}

// Who is told of blocks that are about to be given back; null: nobody.
void (*on_free)(const void* block, size_t bytes) = nullptr;

inline void TellFree(void* block) {
  if (__builtin_expect(on_free != nullptr, 0) && real.malloc_usable_size != nullptr)
    on_free(block, real.malloc_usable_size(block));
}

inline void* Noted(void* block, size_t bytes) {
  if (__builtin_expect(block != nullptr, 1)) BlockMap::Note(block, bytes);
  return block;
}

// A block of the first bytes has moved to `copy`, which has room for `bytes`.
void* CopyFirst(void* copy, const void* block, size_t bytes) {
  size_t old;
  memcpy(&old, static_cast<const char*>(block) - 16, sizeof(old));
  if (copy != nullptr) memcpy(copy, block, old - 16 < bytes ? old - 16 : bytes);
  return copy;
}

void* Resize(void* block, size_t bytes) {
  if (IsFirst(block)) return CopyFirst(Noted(real.malloc(bytes), bytes), block, bytes);
  if (block == nullptr) return Noted(real.realloc(nullptr, bytes), bytes);
  const size_t old = real.malloc_usable_size == nullptr ? 0 : real.malloc_usable_size(block);
  const MovingScope moving;
  TellFree(block);
  BlockMap::Forget(block);
  void* moved = real.realloc(block, bytes);
  if (moved != nullptr) {
    BlockMap::Note(moved, bytes);
  } else if (bytes != 0) {
    BlockMap::Note(block, old);  // it is where it was
  }
  return moved;
}

bool IsInUse() {
  Dl_info ours, theirs;
  const void* seen = dlsym(RTLD_DEFAULT, "malloc");
  return seen != nullptr && dladdr(reinterpret_cast<const void*>(&IsInUse), &ours) != 0 &&
         dladdr(seen, &theirs) != 0 && ours.dli_fbase == theirs.dli_fbase;
}

const heap_abi::HeapDescriptor descriptor = {.abi = heap_abi::kHeapAbi,
                                             .reserved = 0,
                                             .directory = BlockMap::Directory(),
                                             .regions = Regions::Table(),
                                             .region_count = Regions::Count(),
                                             .lost = BlockMap::Lost(),
                                             .moving = MovingScope::Count(),
                                             .is_in_use = &IsInUse};

}  // namespace
}  // namespace stray::heap

using namespace stray::heap;  // NOLINT: below is the library's C face

STRAY_HEAP_EXPORT const stray::heap_abi::HeapDescriptor* stray_heap_describe() { return &descriptor; }

STRAY_HEAP_EXPORT void stray_heap_watch_free(void (*watch)(const void*, size_t)) { on_free = watch; }

STRAY_HEAP_EXPORT void* malloc(size_t bytes) {
  if (!IsReady()) return AllocateFirst(bytes);
  return Noted(real.malloc(bytes), bytes);
}

STRAY_HEAP_EXPORT void free(void* block) {
  if (block == nullptr || IsFirst(block) || !IsReady()) return;
  TellFree(block);
  BlockMap::Forget(block);
  real.free(block);
}

STRAY_HEAP_EXPORT void* calloc(size_t count, size_t bytes) {
  if (!IsReady()) return AllocateFirst(count * bytes);  // the bytes of a program's data are zero
  return Noted(real.calloc(count, bytes), count * bytes);
}

STRAY_HEAP_EXPORT void* realloc(void* block, size_t bytes) {
  if (!IsReady())
    return block == nullptr ? AllocateFirst(bytes) : CopyFirst(AllocateFirst(bytes), block, bytes);
  return Resize(block, bytes);
}

STRAY_HEAP_EXPORT void* reallocarray(void* block, size_t count, size_t bytes) {
  size_t all;
  if (__builtin_mul_overflow(count, bytes, &all)) {
    errno = ENOMEM;
    return nullptr;
  }
  return realloc(block, all);
}

STRAY_HEAP_EXPORT void* memalign(size_t alignment, size_t bytes) {
  if (!IsReady() || real.memalign == nullptr) return nullptr;
  return Noted(real.memalign(alignment, bytes), bytes);
}

STRAY_HEAP_EXPORT void* aligned_alloc(size_t alignment, size_t bytes) {
  if (!IsReady() || real.aligned_alloc == nullptr) return nullptr;
  return Noted(real.aligned_alloc(alignment, bytes), bytes);
}

STRAY_HEAP_EXPORT int posix_memalign(void** block, size_t alignment, size_t bytes) {
  if (!IsReady() || real.posix_memalign == nullptr) return ENOMEM;
  const int error = real.posix_memalign(block, alignment, bytes);
  if (error == 0) Noted(*block, bytes);
  return error;
}

STRAY_HEAP_EXPORT void* valloc(size_t bytes) {
  if (!IsReady() || real.valloc == nullptr) return nullptr;
  return Noted(real.valloc(bytes), bytes);
}

STRAY_HEAP_EXPORT void* pvalloc(size_t bytes) {
  if (!IsReady() || real.pvalloc == nullptr) return nullptr;
  return Noted(real.pvalloc(bytes), bytes);
}

// Who asks may use all of it.
STRAY_HEAP_EXPORT size_t malloc_usable_size(void* block) {
  if (block == nullptr || IsFirst(block) || !IsReady() || real.malloc_usable_size == nullptr) return 0;
  const size_t bytes = real.malloc_usable_size(block);
  BlockMap::Note(block, bytes);
  return bytes;
}
