// SPDX-License-Identifier: Apache-2.0
// leak_rwlock_reader_ended.c: the reader unlocks before it ends, while the writer waits behind it.
#include <pthread.h>

#include "tests/support/order.h"

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static Meeting reader_has_it;
static Sleeper writer_asleep;

static void* Read(void* unused) {
  pthread_rwlock_rdlock(&rwlock);
  Meet(&reader_has_it, 2);
  AwaitAsleep(&writer_asleep);
  pthread_rwlock_unlock(&rwlock);
  return NULL;
}

static void* Write(void* unused) {
  AboutToSleep(&writer_asleep);
  pthread_rwlock_wrlock(&rwlock);
  pthread_rwlock_unlock(&rwlock);
  return NULL;
}

int main(void) {
  pthread_t reader, writer;
  pthread_create(&reader, NULL, Read, NULL);
  Meet(&reader_has_it, 2);
  pthread_create(&writer, NULL, Write, NULL);
  pthread_join(reader, NULL);
  pthread_join(writer, NULL);
  return 0;
}
