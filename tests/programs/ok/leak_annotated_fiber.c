// SPDX-License-Identifier: Apache-2.0
// leak_annotated_fiber.c: somebody sends, and the receiver goes on.
//
// link: runtime
// modes: gcc-O0 gcc-O2
#include <stdlib.h>
#include <stray/annotate.h>
#include <ucontext.h>

enum { kStackBytes = 64 << 10 };

static ucontext_t scheduler;
static stray_task* scheduler_task;

struct Fiber {
  ucontext_t context;
  stray_task* task;
  void (*run)(struct Fiber* self);
};

static struct Fiber one, two;

static void Begin(int which) {
  struct Fiber* self = which == 1 ? &one : &two;
  self->run(self);
  stray_task_ended(self->task);
  stray_task_running(scheduler_task);
  setcontext(&scheduler);
}

static void Make(struct Fiber* fiber, int which, const char* name, void (*run)(struct Fiber*)) {
  fiber->run = run;
  fiber->task = stray_task_created(name);
  getcontext(&fiber->context);
  fiber->context.uc_stack.ss_sp = malloc(kStackBytes);
  fiber->context.uc_stack.ss_size = kStackBytes;
  makecontext(&fiber->context, (void (*)(void))Begin, 1, which);
}

static void Resume(struct Fiber* fiber) {
  stray_task_ready(scheduler_task);
  stray_task_running(fiber->task);
  swapcontext(&scheduler, &fiber->context);
}

static void Stop(struct Fiber* self, enum stray_wait why, const void* object) {
  stray_task_parked(self->task, why, object);
  stray_task_running(scheduler_task);
  swapcontext(&self->context, &scheduler);
}

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
