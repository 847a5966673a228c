// SPDX-License-Identifier: Apache-2.0
// pthread_cond_legacy.cc: pthread_cond_*@GLIBC_2.2.5, for programs linked before 2003.
//
// Their pthread_cond_t is a pointer to the real one, which the functions of today would take for the condition
// itself. They are passed on unseen; without them here, such a program would get our newer ones.
#include <dlfcn.h>

#include "agent/hooks/real.h"

namespace {

// The old function behind us. A cast through void*: dlvsym knows no types.
template <typename Function>
Function Legacy(const char* name) {
  void* found = dlvsym(RTLD_NEXT, name, "GLIBC_2.2.5");
  return reinterpret_cast<Function>(found);
}

}  // namespace

// Only x86-64 is old enough to have had them.
#if defined(__x86_64__)

#define STRAY_LEGACY(name, parameters, arguments)                 \
  STRAY_EXPORT int stray_legacy_##name parameters;                \
  STRAY_EXPORT int stray_legacy_##name parameters {               \
    static int(*real) parameters = nullptr;                       \
    if (real == nullptr) real = Legacy<int(*) parameters>(#name); \
    return real arguments;                                        \
  }                                                               \
  __asm__(".symver stray_legacy_" #name ", " #name "@GLIBC_2.2.5, remove");

STRAY_LEGACY(pthread_cond_init, (void* condition, const void* attributes), (condition, attributes))
STRAY_LEGACY(pthread_cond_destroy, (void* condition), (condition))
STRAY_LEGACY(pthread_cond_wait, (void* condition, void* mutex), (condition, mutex))
STRAY_LEGACY(pthread_cond_timedwait, (void* condition, void* mutex, const void* deadline),
             (condition, mutex, deadline))
STRAY_LEGACY(pthread_cond_signal, (void* condition), (condition))
STRAY_LEGACY(pthread_cond_broadcast, (void* condition), (condition))

#endif
