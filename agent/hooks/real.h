// SPDX-License-Identifier: Apache-2.0
// real.h: the functions behind our hooks: libc's, or those of a sanitizer that sits below us.
#ifndef STRAY_AGENT_HOOKS_REAL_H_
#define STRAY_AGENT_HOOKS_REAL_H_

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <threads.h>
#include <unistd.h>

#include "agent/hooks/io_declarations.h"

#define STRAY_EXPORT extern "C" __attribute__((visibility("default"), used))

namespace stray::agent {

struct RealFunctions {
#define STRAY_REAL(name) decltype(&::name) name;
#include "agent/hooks/io_functions.inc"
#include "agent/hooks/real_functions.inc"
#undef STRAY_REAL
  // Unlike most names above, syscall has too loose a type to be called through.
  long (*syscall)(long, long, long, long, long, long, long);
  // Takes a free mutex, or says EBUSY; always says EBUSY where a sanitizer must see the call as it was made.
  int (*take_free_mutex)(pthread_mutex_t*);
  bool resolved;
  bool
      sanitizer_below;  // the next pthread_mutex_lock is a sanitizer's: it must see the calls as they were made
};

extern __attribute__((visibility("hidden"))) RealFunctions real_functions;

// File name, without directories, of the library that `function` lies in; empty if it is not known.
const char* LibraryOf(const void* function);

// Looks all of them up; harmless to repeat, lock-free, also before our constructor has run.
void ResolveRealFunctions();

// Use this one outside hot paths; a hook whose thread is known may use real_functions directly.
inline const RealFunctions& Real() {
  if (__builtin_expect(!real_functions.resolved, 0)) ResolveRealFunctions();
  return real_functions;
}

}  // namespace stray::agent

#endif  // STRAY_AGENT_HOOKS_REAL_H_
