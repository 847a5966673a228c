// SPDX-License-Identifier: Apache-2.0
// deadlock_rwlock_read_twice.c: the reader reads once; on a lock that prefers writers the writer comes next.
#include <pthread.h>

#include "tests/support/order.h"

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static Gate is_read;
static Sleeper writer_asleep;

static void* Write(void* unused) {
  GateAwait(&is_read);
  AboutToSleep(&writer_asleep);
  pthread_rwlock_wrlock(&rwlock);
  pthread_rwlock_unlock(&rwlock);
  return NULL;
}

int main(void) {
  pthread_t writer;
  pthread_create(&writer, NULL, Write, NULL);
  pthread_rwlock_rdlock(&rwlock);
  GateOpen(&is_read);
  AwaitAsleep(&writer_asleep);
  pthread_rwlock_unlock(&rwlock);
  pthread_rwlock_rdlock(&rwlock);
  pthread_rwlock_unlock(&rwlock);
  return pthread_join(writer, NULL);
}
