// SPDX-License-Identifier: Apache-2.0
// misuse_use_destroyed_others.c: conditions, rwlocks and a barrier are used after they were destroyed. glibc
// does not notice any of it.
#include <errno.h>
#include <pthread.h>
#include <threads.h>
#include <time.h>

static pthread_cond_t unused = PTHREAD_COND_INITIALIZER;
static pthread_cond_t used = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t never_locked = PTHREAD_RWLOCK_INITIALIZER;
static pthread_rwlock_t read_locked = PTHREAD_RWLOCK_INITIALIZER;
static pthread_rwlock_t unlocked = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;

static void UseConditions(void) {
  struct timespec past = {0, 0};
  cnd_t c11;
  pthread_cond_destroy(&unused);
  pthread_cond_signal(&unused);  // want sync.misuse x1: destroyed .*pthread_cond_signal
  pthread_cond_signal(&unused);  // once is enough
  pthread_cond_broadcast(&used);
  pthread_cond_destroy(&used);
  pthread_mutex_lock(&mutex);
  pthread_cond_timedwait(&used, &mutex, &past);  // want sync.misuse x1: destroyed .*timedwait
  pthread_mutex_unlock(&mutex);
  cnd_init(&c11);
  cnd_destroy(&c11);
  cnd_destroy(&c11);  // want sync.misuse x1: destroyed .*cnd_destroy
}

static void UseRwlocks(void) {
  pthread_rwlock_destroy(&never_locked);
  pthread_rwlock_rdlock(&never_locked);  // want sync.misuse x1: after it had been destroyed
  pthread_rwlock_unlock(&never_locked);
  pthread_rwlock_rdlock(&read_locked);
  pthread_rwlock_unlock(&read_locked);
  pthread_rwlock_destroy(&read_locked);
  pthread_rwlock_trywrlock(&read_locked);  // want sync.misuse x1: after it had been destroyed
  pthread_rwlock_unlock(&read_locked);
  pthread_rwlock_init(&unlocked, NULL);
  pthread_rwlock_destroy(&unlocked);
  pthread_rwlock_destroy(&unlocked);  // want sync.misuse x1: after it had been destroyed
}

int main(void) {
  UseConditions();
  UseRwlocks();
  pthread_barrier_init(&barrier, NULL, 1);
  pthread_barrier_wait(&barrier);
  pthread_barrier_destroy(&barrier);
  pthread_barrier_wait(&barrier);  // want sync.misuse x1: destroyed .*pthread_barrier_wait
  return 0;
}
