// SPDX-License-Identifier: Apache-2.0
// lock_order_read_twice.c: reading twice is harmless where nobody else ever writes; and writing where nobody
// reads twice.
#include <pthread.h>

#include "tests/support/order.h"

static pthread_rwlock_t read_only = PTHREAD_RWLOCK_INITIALIZER, read_once = PTHREAD_RWLOCK_INITIALIZER;
static Gate reader_is_done;

static void* Read(void* unused) {
  pthread_rwlock_rdlock(&read_only);
  pthread_rwlock_rdlock(&read_only);
  pthread_rwlock_unlock(&read_only);
  pthread_rwlock_unlock(&read_only);
  for (int i = 0; i < 2; ++i) {
    pthread_rwlock_rdlock(&read_once);
    pthread_rwlock_unlock(&read_once);
  }
  GateOpen(&reader_is_done);
  return NULL;
}

static void* Write(void* unused) {
  GateAwait(&reader_is_done);
  pthread_rwlock_wrlock(&read_once);
  pthread_rwlock_unlock(&read_once);
  return NULL;
}

int main(void) {
  pthread_t reader, writer;
  pthread_rwlock_wrlock(&read_only);  // before there is anybody else
  pthread_rwlock_unlock(&read_only);
  pthread_create(&reader, NULL, Read, NULL);
  pthread_create(&writer, NULL, Write, NULL);
  pthread_join(reader, NULL);
  return pthread_join(writer, NULL);
}
