/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/hooks/cancel_guard.h"

#include <pthread.h>

__attribute__((hot)) int StrayGuardedCall(int (*call)(void*), void* argument, void (*on_cancel)(void*)) {
  int result;
  pthread_cleanup_push(on_cancel, argument);
  result = call(argument);
  pthread_cleanup_pop(0);
  return result;
}
