// SPDX-License-Identifier: Apache-2.0
// start_thread.cc: the threads of the runtime are made here, so that TSan takes no order from that.
//
// Goroutines come after the beginning of the thread that they run in, else TSan would take its thread-local
// memory, which is new then, for a race. They must not for that come after all that its maker did. So each
// thread is made by a fiber that has done nothing else.
#include <pthread.h>

#include "instrumentation/runtime/machine_loop.h"
#include "instrumentation/runtime/panic.h"
#include "instrumentation/tsan/fibers.h"
#include "instrumentation/tsan/happens_before.h"

namespace stray::runtime {
namespace {

void* starter_fiber = nullptr;  // with TSan only
WordLock starter_lock;

int MakeThread(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument) {
  if (starter_fiber == nullptr) return pthread_create(thread, attributes, run, argument);
  WordGuard guard(starter_lock);
  void* const self = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(starter_fiber, tsan::kNoSync);
  tsan::IgnoreAccesses(true);  // it is on the stack of another
  const int error = pthread_create(thread, attributes, run, argument);
  tsan::IgnoreAccesses(false);
  __tsan_switch_to_fiber(self, tsan::kNoSync);
  return error;
}

}  // namespace

void MachineLoop::PrepareThreads() {
  if (tsan::HasTsan()) starter_fiber = __tsan_create_fiber(0);
}

void MachineLoop::StartThread(void* (*run)(void*), void* argument) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  if (MakeThread(&thread, &attributes, run, argument) != 0) FatalNoMemory("a thread");
  pthread_attr_destroy(&attributes);
}

}  // namespace stray::runtime
