// SPDX-License-Identifier: Apache-2.0
// cancel_unwinds_cpp.cc: cancellation in a condition wait unwinds C++ frames: destructors run, the lock is
// free.
#include <pthread.h>

#include <cstdio>
#include <mutex>

#include "tests/support/order.h"

static std::mutex mutex;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static bool ready = false;
static Sleeper asleep;

struct SaysGoodbye {
  ~SaysGoodbye() { std::puts("unwound"); }
};

static void* Wait(void*) {
  SaysGoodbye goodbye;
  std::lock_guard<std::mutex> lock(mutex);
  AboutToSleep(&asleep);
  while (!ready) pthread_cond_wait(&condition, mutex.native_handle());
  return nullptr;
}

int main() {
  pthread_t waiter;
  void* result;
  pthread_create(&waiter, nullptr, Wait, nullptr);
  AwaitAsleep(&asleep);
  pthread_cancel(waiter);
  pthread_join(waiter, &result);
  std::printf("%d\n", result == PTHREAD_CANCELED && mutex.try_lock());
  mutex.unlock();
}
