/* SPDX-License-Identifier: Apache-2.0 */
/* annotate.h: lets any scheduler of tasks (fibers, coroutines, green threads) tell stray what it does, so that
 * its tasks appear in reports as goroutines and threads do: who they are, where they are blocked, on what, and
 * who holds it.
 *
 *   stray_task* task = stray_task_created("worker");      in the creator
 *   stray_task_running(task);                             in the thread that runs it, before each time it runs
 *   stray_task_parked(task, STRAY_WAIT_LOCK, &mutex);     on its own stack, before each time it stops
 *   stray_task_ready(task);                               by whoever wakes it
 *   stray_task_ended(task);                               at last
 *
 * Without the agent in the process all of this does nothing, and costs a call and a branch: stray_task_created
 * returns null, and every function takes a null task. Nothing here waits. Names are kept for ever, so let there
 * be few. Any thread may call, but for one task never two at once. Link stray::runtime, and in a C program the
 * C++ library.
 *
 * Ready-made for Boost.Fiber: boost_fiber.h; for C++20 coroutines: coroutine.h.
 */
#ifndef STRAY_ANNOTATE_H_
#define STRAY_ANNOTATE_H_

#ifdef __cplusplus
extern "C" {
#endif

typedef struct stray_task stray_task;

/* Why a task does not run. What it waits for decides who can wake it: a lock its holder, all else but
 * STRAY_WAIT_SLEEP and STRAY_WAIT_IO some other task. Numbers are fixed. */
enum stray_wait {
  STRAY_WAIT_UNKNOWN = 0,
  STRAY_WAIT_LOCK = 1,
  STRAY_WAIT_READ_LOCK = 2,
  STRAY_WAIT_WRITE_LOCK = 3,
  STRAY_WAIT_CONDITION = 4,
  STRAY_WAIT_SEMAPHORE = 5,
  STRAY_WAIT_BARRIER = 6,
  STRAY_WAIT_SEND = 7,
  STRAY_WAIT_RECEIVE = 8,
  STRAY_WAIT_JOIN = 9,
  STRAY_WAIT_FUTURE = 10,
  STRAY_WAIT_SLEEP = 11, /* ends by itself */
  STRAY_WAIT_IO = 12     /* ended from outside the program */
};

/* A task, created by the task or thread that calls; where that is, is kept with its stack. `name`: may be null;
 * is copied. Null without the agent. */
stray_task* stray_task_created(const char* name);

/* Another name; copied. */
void stray_task_named(stray_task* task, const char* name);

/* The calling thread runs the task from now on, until that is parked or has ended, or another one runs here. */
void stray_task_running(stray_task* task);

/* The task, whose stack the caller stands on, stops until stray_task_ready or stray_task_running. The frames
 * that called this must stay as they are until then. `object`: address of what it waits for, or null. */
void stray_task_parked(stray_task* task, enum stray_wait why, const void* object);

/* The same from where the task goes on at registers[] = {stack pointer, frame pointer, program counter}: for
 * schedulers that stop tasks from elsewhere. A stack pointer of null: it has no stack (a coroutine), only the
 * place. */
void stray_task_parked_at(stray_task* task, enum stray_wait why, const void* object, void* const registers[3]);

/* It could run now. */
void stray_task_ready(stray_task* task);

/* It is over; `task` must not be used any more. */
void stray_task_ended(stray_task* task);

/* The task that the calling thread runs; null if it runs none that was announced. */
stray_task* stray_task_current(void);

/* The calling thread becomes one that runs tasks: what it has run so far is a task from now on, which is
 * returned, as running, and to be parked and resumed like the others. The thread itself is no task of its own
 * any more. Null without the agent. */
stray_task* stray_thread_runs_tasks(const char* name);

/* Should the current task be parked before stray_wait_end() with STRAY_WAIT_UNKNOWN, then it is for this: for
 * locks and channels of schedulers that do not know themselves why they stop. */
void stray_wait_begin(enum stray_wait why, const void* object);
void stray_wait_end(void);

/* The current task, or else the calling thread, holds the lock at `object` from now on; or does not any more.
 */
void stray_acquired(const void* object);
void stray_released(const void* object);

/* What reports call the object at this address: `name` is copied. From this call on until stray_object_gone. */
void stray_object_named(const void* object, const char* name);
void stray_object_gone(const void* object);

#ifdef __cplusplus
}
#endif

#endif /* STRAY_ANNOTATE_H_ */
