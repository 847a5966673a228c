// SPDX-License-Identifier: Apache-2.0
// deadlock_rwlock_read_twice.c: a second read lock behind a waiting writer, on an rwlock that prefers writers.
//
//   reader                writer
//   rdlock                .
//   .                     wrlock         waits for the reader
//   rdlock again          .              waits for the writer
//
// hangs: yes
#include <pthread.h>

#include "tests/support/order.h"

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static Gate is_read;
static Sleeper writer_asleep;

static void* Write(void* unused) {
  GateAwait(&is_read);
  AboutToSleep(&writer_asleep);
  pthread_rwlock_wrlock(&rwlock);  // want deadlock.cycle x1: \[pthread_rwlock_wrlock\]
  pthread_rwlock_unlock(&rwlock);
  return NULL;
}

int main(void) {
  pthread_t writer;
  pthread_create(&writer, NULL, Write, NULL);
  pthread_rwlock_rdlock(&rwlock);
  GateOpen(&is_read);
  AwaitAsleep(&writer_asleep);
  // want deadlock.cycle x1: \[pthread_rwlock_rdlock\]
  pthread_rwlock_rdlock(&rwlock);  // want deadlock.all: .
  pthread_rwlock_unlock(&rwlock);
  pthread_rwlock_unlock(&rwlock);
  return pthread_join(writer, NULL);
}
