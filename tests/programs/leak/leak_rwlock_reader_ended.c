// SPDX-License-Identifier: Apache-2.0
// leak_rwlock_reader_ended.c: a reader ends without unlocking; the writer behind it waits for ever.
//
//   reader                writer
//   rdlock                .
//   return                .
//   .                     wrlock         blocked: the reader is no more
#include <pthread.h>

#include "tests/support/order.h"

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static Sleeper writer_asleep;

static void* Read(void* unused) {
  pthread_rwlock_rdlock(&rwlock);  // want sync.misuse: ended while it held
  return NULL;
}

static void* Write(void* unused) {
  AboutToSleep(&writer_asleep);
  pthread_rwlock_wrlock(&rwlock);  // want leak.blocked: \[pthread_rwlock_wrlock\]
  pthread_rwlock_unlock(&rwlock);
  return NULL;
}

int main(void) {
  pthread_t reader, writer;
  pthread_create(&reader, NULL, Read, NULL);
  pthread_join(reader, NULL);
  pthread_create(&writer, NULL, Write, NULL);
  AwaitAsleep(&writer_asleep);
  return 0;
}
