// SPDX-License-Identifier: Apache-2.0
// leak_annotated_fiber.c: a scheduler of the program's own tells what its fibers do; one receives from a
// channel that nobody sends to.
//
// link: runtime
// modes: gcc-O0 gcc-O2
#include <stdlib.h>

#include "tests/support/annotated_fibers.h"

static int channel;

static void Receiver(struct Fiber* self) {
  // want leak.blocked: fiber "receiver" blocked \[receive from channel\]
  Stop(self, STRAY_WAIT_RECEIVE, &channel);
}

static void Worker(struct Fiber* self) { (void)self; }

int main(void) {
  scheduler_task = stray_thread_runs_tasks("main");
  stray_object_named(&channel, "orders");
  Make(&one, 1, "receiver", Receiver);
  Make(&two, 2, "worker", Worker);
  Resume(&one);
  Resume(&two);
  return 0;
}
