// SPDX-License-Identifier: Apache-2.0
// leak_annotated_fiber.c: somebody sends, and the receiver goes on.
//
// link: runtime
// modes: gcc-O0 gcc-O2
#include <stdlib.h>

#include "tests/support/annotated_fibers.h"

static int channel;

static void Receiver(struct Fiber* self) { Stop(self, STRAY_WAIT_RECEIVE, &channel); }

static void Sender(struct Fiber* self) {
  (void)self;
  stray_task_ready(one.task);
}

int main(void) {
  scheduler_task = stray_thread_runs_tasks("main");
  Make(&one, 1, "receiver", Receiver);
  Make(&two, 2, "sender", Sender);
  Resume(&one);
  Resume(&two);
  Resume(&one);
  return 0;
}
