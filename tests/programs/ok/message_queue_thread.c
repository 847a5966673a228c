// SPDX-License-Identifier: Apache-2.0
// message_queue_thread.c: mq_notify with SIGEV_THREAD makes glibc keep a helper thread for the life of the
// process.
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static sem_t arrived;

static void Note(union sigval value) { sem_post(value.sival_ptr); }

int main(void) {
  char name[64];
  struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 8};
  struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_value.sival_ptr = &arrived};
  snprintf(name, sizeof(name), "/stray-test-%d", (int)getpid());
  const mqd_t queue = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attributes);
  if (queue == (mqd_t)-1) return errno == ENOSYS ? 0 : 1;
  mq_unlink(name);
  sem_init(&arrived, 0, 0);
  event.sigev_notify_function = Note;
  if (mq_notify(queue, &event) != 0 || mq_send(queue, "x", 1, 0) != 0) return 1;
  sem_wait(&arrived);
  return mq_close(queue);
}
