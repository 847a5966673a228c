// SPDX-License-Identifier: Apache-2.0
#include "agent/hooks/real.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include "agent/hooks/free_mutex.h"

namespace stray::agent {

RealFunctions real_functions;

namespace {

// True if the function belongs to a sanitizer runtime that stands before the locks: libtsan, libclang_rt.*.
bool IsSanitizer(const void* function) {
  const char* library = LibraryOf(function);
  return strncmp(library, "libtsan", 7) == 0 || strncmp(library, "libclang_rt.", 12) == 0;
}

int SayBusy(pthread_mutex_t*) { return EBUSY; }

}  // namespace

const char* LibraryOf(const void* function) {
  Dl_info info;
  if (dladdr(function, &info) == 0 || info.dli_fname == nullptr) return "";
  const char* slash = strrchr(info.dli_fname, '/');
  return slash == nullptr ? info.dli_fname : slash + 1;
}

// dlsym(RTLD_NEXT) finds the object behind the one its return address lies in, so it must not become a tail
// call, and this function must not be inlined into another object's code.
__attribute__((noinline)) void ResolveRealFunctions() {
  RealFunctions found = {};
#define STRAY_REAL(name) found.name = reinterpret_cast<decltype(found.name)>(dlsym(RTLD_NEXT, #name));
#include "agent/hooks/io_functions.inc"
#include "agent/hooks/real_functions.inc"
#undef STRAY_REAL
  found.syscall = reinterpret_cast<decltype(found.syscall)>(dlsym(RTLD_NEXT, "syscall"));
  found.sanitizer_below = IsSanitizer(reinterpret_cast<const void*>(found.pthread_mutex_lock));
  found.take_free_mutex = found.sanitizer_below ? &SayBusy : found.pthread_mutex_trylock;
  found.resolved = false;
  free_mutex_known = !found.sanitizer_below && ProbeFreeMutex(found);
  real_functions = found;
  __atomic_store_n(&real_functions.resolved, true, __ATOMIC_RELEASE);
}

}  // namespace stray::agent
