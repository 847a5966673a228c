// SPDX-License-Identifier: Apache-2.0
// operators.cc: operator new and delete, for allocators that bring their own (jemalloc, tcmalloc). Those of the
// C++ library call malloc and free, and their blocks are noted twice, which does no harm.
#include <dlfcn.h>

#include <cstddef>

#include "agent/heap/block_map.h"

#define STRAY_HEAP_EXPORT extern "C" __attribute__((visibility("default"), used))

namespace stray::heap {
namespace {

// The operator behind ours; looked up once: when the library is loaded, as a look-up waits for the loader's
// lock, and whoever has that may wait for the caller (a library that joins its threads when it is unloaded).
// Only a program whose C++ library comes later has to look then. A program that calls it has it.
template <typename Function>
Function* Behind(Function*& known, const char* name) {
  Function* function = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (__builtin_expect(function == nullptr, 0)) {
    function = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
    __atomic_store_n(&known, function, __ATOMIC_RELAXED);
  }
  return function;
}

}  // namespace
}  // namespace stray::heap

// NOLINTBEGIN: names as the compiler makes them
#define STRAY_LOOK_UP(name) \
  __attribute__((constructor)) static void LookUp##name() { stray::heap::Behind(known##name, #name); }
#define STRAY_NEW(name, parameters, arguments)                       \
  static void*(*known##name)parameters;                              \
  STRAY_LOOK_UP(name)                                                \
  STRAY_HEAP_EXPORT void* name parameters {                          \
    void* block = stray::heap::Behind(known##name, #name) arguments; \
    if (block != nullptr) stray::heap::BlockMap::Note(block, bytes); \
    return block;                                                    \
  }
#define STRAY_DELETE(name, parameters, arguments)      \
  static void(*known##name) parameters;                \
  STRAY_LOOK_UP(name)                                  \
  STRAY_HEAP_EXPORT void name parameters {             \
    if (block == nullptr) return;                      \
    stray::heap::BlockMap::Forget(block);              \
    stray::heap::Behind(known##name, #name) arguments; \
  }

STRAY_NEW(_Znwm, (size_t bytes), (bytes))
STRAY_NEW(_Znam, (size_t bytes), (bytes))
STRAY_NEW(_ZnwmRKSt9nothrow_t, (size_t bytes, const void* nothrow), (bytes, nothrow))
STRAY_NEW(_ZnamRKSt9nothrow_t, (size_t bytes, const void* nothrow), (bytes, nothrow))
STRAY_NEW(_ZnwmSt11align_val_t, (size_t bytes, size_t alignment), (bytes, alignment))
STRAY_NEW(_ZnamSt11align_val_t, (size_t bytes, size_t alignment), (bytes, alignment))
STRAY_NEW(_ZnwmSt11align_val_tRKSt9nothrow_t, (size_t bytes, size_t alignment, const void* nothrow),
          (bytes, alignment, nothrow))
STRAY_NEW(_ZnamSt11align_val_tRKSt9nothrow_t, (size_t bytes, size_t alignment, const void* nothrow),
          (bytes, alignment, nothrow))
STRAY_DELETE(_ZdlPv, (void* block), (block))
STRAY_DELETE(_ZdaPv, (void* block), (block))
STRAY_DELETE(_ZdlPvm, (void* block, size_t bytes), (block, bytes))
STRAY_DELETE(_ZdaPvm, (void* block, size_t bytes), (block, bytes))
STRAY_DELETE(_ZdlPvRKSt9nothrow_t, (void* block, const void* nothrow), (block, nothrow))
STRAY_DELETE(_ZdaPvRKSt9nothrow_t, (void* block, const void* nothrow), (block, nothrow))
STRAY_DELETE(_ZdlPvSt11align_val_t, (void* block, size_t alignment), (block, alignment))
STRAY_DELETE(_ZdaPvSt11align_val_t, (void* block, size_t alignment), (block, alignment))
STRAY_DELETE(_ZdlPvmSt11align_val_t, (void* block, size_t bytes, size_t alignment), (block, bytes, alignment))
STRAY_DELETE(_ZdaPvmSt11align_val_t, (void* block, size_t bytes, size_t alignment), (block, bytes, alignment))
STRAY_DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t, (void* block, size_t alignment, const void* nothrow),
             (block, alignment, nothrow))
STRAY_DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t, (void* block, size_t alignment, const void* nothrow),
             (block, alignment, nothrow))
// NOLINTEND
