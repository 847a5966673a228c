// SPDX-License-Identifier: Apache-2.0
// start_thread.cc: the threads of the runtime are made here, so that TSan takes no order from that.
//
// Goroutines come after the beginning of the thread that they run in, else TSan would take its thread-local
// memory, which is new then, for a race. They must not for that come after all that its maker did. So each
// thread is made by nobody.
#include <pthread.h>

#include "instrumentation/runtime/machine_loop.h"
#include "instrumentation/runtime/panic.h"
#include "instrumentation/runtime/sanitizer_fiber.h"

namespace stray::runtime {

void MachineLoop::StartThread(void* (*run)(void*), void* argument) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  int error;
  {
    const NobodyScope nobody;
    error = pthread_create(&thread, &attributes, run, argument);
  }
  if (error != 0) FatalNoMemory("a thread");
  pthread_attr_destroy(&attributes);
}

}  // namespace stray::runtime
