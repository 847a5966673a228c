// SPDX-License-Identifier: Apache-2.0
// lock_order_reused_memory.cc: a mutex is destroyed, and another one lives at its address: the orders of the
// old one are not the orders of the new one.
//
//   first                 second
//   lock shared, lock x   .
//   destroy x             .
//   .                     new y where x was; lock y, lock shared
#include <pthread.h>

#include <mutex>

#include "tests/support/puppet.h"

static std::mutex shared;
alignas(pthread_mutex_t) static unsigned char memory[sizeof(pthread_mutex_t)];
static auto* const mutex = reinterpret_cast<pthread_mutex_t*>(memory);

static void TakeInner() {
  std::lock_guard<std::mutex> hold_shared(shared);
  pthread_mutex_lock(mutex);
  pthread_mutex_unlock(mutex);
}

static void TakeOuter() {
  pthread_mutex_lock(mutex);
  shared.lock();
  shared.unlock();
  pthread_mutex_unlock(mutex);
}

int main() {
  Puppet first("first"), second("second");
  pthread_mutex_init(mutex, nullptr);
  first.Do(TakeInner);
  pthread_mutex_destroy(mutex);
  pthread_mutex_init(mutex, nullptr);
  second.Do(TakeOuter);
  pthread_mutex_destroy(mutex);
}
