// SPDX-License-Identifier: Apache-2.0
// condition_reused.c: conditions live one after the other at the same address. Each is used, and then destroyed
// while its waiter has been woken but is not back yet. What signals and waits of one condition add up to must
// not be held against the next: it would make its woken waiter look like one that nobody has woken.
//
//   main                             waiter
//   .                                wait
//   signal                           .           once more, and each returns
//   .                                wait
//   signal, destroy                  .           woken, but cannot return: main has the mutex
//   initialize the next, unlock      .
//   .                                return      from the one before
//
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <pthread.h>

#include "tests/support/order.h"

enum { kRounds = 12, kSignals = 3 };  // the last signal of a round is the one before the destruction

// What is in the memory between two conditions: nothing, or something else that stray keeps a record of.
static union {
  pthread_cond_t condition;
  pthread_mutex_t mutex;
  pthread_spinlock_t spin;
} memory;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int told = 0;                        // signals sent; guarded by mutex
static Sleeper asleep[kRounds * kSignals];  // one for each wait
static Gate returned[kRounds * kSignals];   // likewise

static void* Wait(void* unused) {
  for (int i = 0; i < kRounds * kSignals; ++i) {
    pthread_mutex_lock(&mutex);
    AboutToSleep(&asleep[i]);
    while (told <= i) pthread_cond_wait(&memory.condition, &mutex);
    pthread_mutex_unlock(&mutex);
    GateOpen(&returned[i]);
  }
  return NULL;
}

static void UseForSomethingElse(int round) {
  switch (round % 4) {
    case 1:
      pthread_mutex_init(&memory.mutex, NULL);
      pthread_mutex_lock(&memory.mutex);
      pthread_mutex_unlock(&memory.mutex);
      pthread_mutex_destroy(&memory.mutex);
      break;
    case 2:
      pthread_spin_init(&memory.spin, PTHREAD_PROCESS_PRIVATE);
      pthread_spin_lock(&memory.spin);
      pthread_spin_unlock(&memory.spin);
      pthread_spin_destroy(&memory.spin);
      break;
    default:
      break;
  }
}

// With and without a call that stray sees.
static void MakeCondition(int round) {
  if (round % 3 == 2) {
    memory.condition = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
  } else {
    pthread_cond_init(&memory.condition, NULL);
  }
}

int main(void) {
  pthread_t waiter;
  MakeCondition(0);
  pthread_create(&waiter, NULL, Wait, NULL);
  for (int i = 0; i < kRounds * kSignals; ++i) {
    const int round = i / kSignals;
    AwaitAsleep(&asleep[i]);
    pthread_mutex_lock(&mutex);
    ++told;
    pthread_cond_signal(&memory.condition);
    if (i % kSignals == kSignals - 1) {
      pthread_cond_destroy(&memory.condition);
      UseForSomethingElse(round);
      MakeCondition(round + 1);
    }
    pthread_mutex_unlock(&mutex);
    GateAwait(&returned[i]);
  }
  pthread_join(waiter, NULL);
  return pthread_cond_destroy(&memory.condition);
}
