// SPDX-License-Identifier: Apache-2.0
// annotated_fibers.h: a scheduler of two fibers, in C, that tells stray what it does. For programs that show
// such fibers.
#ifndef STRAY_TESTS_SUPPORT_ANNOTATED_FIBERS_H_
#define STRAY_TESTS_SUPPORT_ANNOTATED_FIBERS_H_

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

#endif  // STRAY_TESTS_SUPPORT_ANNOTATED_FIBERS_H_
