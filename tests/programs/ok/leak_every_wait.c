// SPDX-License-Identifier: Apache-2.0
// leak_every_wait.c: the same waits; those that can be cancelled are, the others are given what they wait for.
#define EVERY_WAIT_TWIN
#include "tests/programs/leak/leak_every_wait.c"

int main(void) {
  signal(SIGPIPE, SIG_IGN);
  StartAll();
  int cancelled = 0;
  for (int i = 0; i < kCancellableCount; ++i) {
    void* result = NULL;
    pthread_cancel(threads[i]);
    pthread_join(threads[i], &result);
    cancelled += result == PTHREAD_CANCELED;
  }
  printf("%d of %d cancelled\n", cancelled, kCancellableCount);
  shutdown(full_socket[0], SHUT_WR);
  flock(locked_file, LOCK_UN);
  msgctl(queue, IPC_RMID, NULL);
  semctl(semaphores, 0, IPC_RMID);
  syscall(SYS_futex, &words[0], FUTEX_WAKE, 100, NULL, NULL, 0);
  for (int i = 1; i < 3; ++i) syscall(SYS_futex, &words[i], FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0);
  for (int i = 0; i < kOtherCount; ++i) {
    void* result = NULL;
    pthread_join(threads[kCancellableCount + i], &result);
    printf("call %d returned %ld\n", i, (long)(int)(uintptr_t)result);
  }
  return 0;
}
