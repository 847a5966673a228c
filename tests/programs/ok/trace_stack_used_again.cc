// SPDX-License-Identifier: Apache-2.0
// trace_stack_used_again.cc: detached threads run on the same stack, one after the other, and nothing orders
// them.
//
// link: trace
#include <pthread.h>

#include "tests/support/order.h"

static Sleeper first, second;

[[gnu::noinline]] static void Write(volatile long* value) { *value = *value + 1; }

static void* Work(void* who) {
  volatile long local = 0;
  for (int i = 0; i < 10; ++i) Write(&local);
  AboutToSleep(static_cast<Sleeper*>(who));
  return nullptr;
}

static void Start(Sleeper* who) {
  pthread_t thread;
  pthread_create(&thread, nullptr, Work, who);
  pthread_detach(thread);
  AwaitEnd(who);
}

int main() {
  Start(&first);
  Start(&second);
}
