// SPDX-License-Identifier: Apache-2.0
// lock_order_read_twice.c: one thread reads twice, another writes. Should the writer ask in between, a lock
// that prefers writers stops the second read behind the writer, and the writer waits for the first read. The
// default rwlock of glibc prefers readers and hides it.
//
//   reader                writer
//   rdlock                .
//   rdlock                .
//   .                     wrlock
#include <pthread.h>

#include "tests/support/order.h"

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static Gate reader_is_done;

static void* Read(void* unused) {
  pthread_rwlock_rdlock(&rwlock);
  pthread_rwlock_rdlock(&rwlock);  // want lock-order.cycle x1: .
  pthread_rwlock_unlock(&rwlock);
  pthread_rwlock_unlock(&rwlock);
  GateOpen(&reader_is_done);
  return NULL;
}

static void* Write(void* unused) {
  GateAwait(&reader_is_done);
  pthread_rwlock_wrlock(&rwlock);
  pthread_rwlock_unlock(&rwlock);
  return NULL;
}

int main(void) {
  pthread_t reader, writer;
  pthread_create(&reader, NULL, Read, NULL);
  pthread_create(&writer, NULL, Write, NULL);
  pthread_join(reader, NULL);
  return pthread_join(writer, NULL);
}
