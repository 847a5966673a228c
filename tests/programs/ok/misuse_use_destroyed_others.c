// SPDX-License-Identifier: Apache-2.0
// misuse_use_destroyed_others.c: what was destroyed comes back in every lawful way: initialized again by call
// or by assignment, in memory that was freed, on a stack, as an object of another kind.
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <time.h>

enum { kRounds = 200 };

union Any {
  pthread_cond_t condition;
  pthread_rwlock_t rwlock;
  pthread_barrier_t barrier;
  pthread_mutex_t mutex;
  sem_t semaphore;
  pthread_spinlock_t spin;
  cnd_t c11;
};

static union Any fixed;

static void UseCondition(pthread_cond_t* condition) {
  struct timespec past = {0, 0};
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_signal(condition);
  pthread_mutex_lock(&mutex);
  pthread_cond_timedwait(condition, &mutex, &past);
  pthread_mutex_unlock(&mutex);
  pthread_cond_broadcast(condition);
  pthread_cond_destroy(condition);
}

static void UseRwlock(pthread_rwlock_t* rwlock) {
  pthread_rwlock_rdlock(rwlock);
  pthread_rwlock_unlock(rwlock);
  pthread_rwlock_wrlock(rwlock);
  pthread_rwlock_unlock(rwlock);
  pthread_rwlock_destroy(rwlock);
}

static void UseBarrier(pthread_barrier_t* barrier) {
  pthread_barrier_init(barrier, NULL, 1);
  pthread_barrier_wait(barrier);
  pthread_barrier_wait(barrier);
  pthread_barrier_destroy(barrier);
}

static void UseOthers(union Any* any) {
  pthread_mutex_init(&any->mutex, NULL);
  pthread_mutex_lock(&any->mutex);
  pthread_mutex_unlock(&any->mutex);
  pthread_mutex_destroy(&any->mutex);
  sem_init(&any->semaphore, 0, 1);
  sem_wait(&any->semaphore);
  sem_destroy(&any->semaphore);
  pthread_spin_init(&any->spin, 0);
  pthread_spin_lock(&any->spin);
  pthread_spin_unlock(&any->spin);
  pthread_spin_destroy(&any->spin);
}

static void UseAll(union Any* any) {
  pthread_cond_init(&any->condition, NULL);
  UseCondition(&any->condition);
  any->condition = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
  UseCondition(&any->condition);
  cnd_init(&any->c11);
  cnd_signal(&any->c11);
  cnd_destroy(&any->c11);
  pthread_rwlock_init(&any->rwlock, NULL);
  UseRwlock(&any->rwlock);
  any->rwlock = (pthread_rwlock_t)PTHREAD_RWLOCK_INITIALIZER;
  UseRwlock(&any->rwlock);
  UseBarrier(&any->barrier);
  UseOthers(any);
  memset(any, 0, sizeof(*any));
  UseRwlock(&any->rwlock);
  memset(any, 0, sizeof(*any));
  UseCondition(&any->condition);
  UseBarrier(&any->barrier);
}

static void* UseEverywhere(void* unused) {
  for (int round = 0; round < kRounds; ++round) {
    union Any on_stack;
    UseAll(&on_stack);
    union Any* on_heap = malloc(sizeof(*on_heap));
    UseAll(on_heap);
    free(on_heap);
    on_heap = calloc(1, sizeof(*on_heap));
    UseRwlock(&on_heap->rwlock);
    free(on_heap);
    on_heap = calloc(1, sizeof(*on_heap));
    UseCondition(&on_heap->condition);
    free(on_heap);
  }
  return unused;
}

int main(void) {
  pthread_t threads[2];
  UseAll(&fixed);
  UseAll(&fixed);
  for (int i = 0; i < 2; ++i) pthread_create(&threads[i], NULL, UseEverywhere, NULL);
  for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
  return 0;
}
