// SPDX-License-Identifier: Apache-2.0
// seeded_order.h: STRAY_SCHED: one processor, and a seed that decides which goroutine runs.
//
//   STRAY_SCHED=seed:N    A random walk. The next goroutine is any of those that could run, each as likely as
//   the
//                         others. At each scheduling point every other goroutine loses its turn.
//   STRAY_SCHED=pct:N,D   PCT. Each goroutine has a random priority, and the highest that can run runs. At D -
//   1
//                         random scheduling points the current one falls behind all others. A bug that needs D
//                         things to happen in a certain order is found with a probability of at least
//                         1 / (n * k^(D - 1)), n goroutines, k scheduling points. The length of a run is not
//                         known before: each seed guesses one of 8, 32, 128, ... 8192 points.
//
//   STRAY_SCHED=steer:FILE
//                         The order that FILE says, as far as it goes, and a random walk behind it: steering.h.
//
// Scheduling points are the operations of channels, select, locks, conditions, wait groups and timers, before
// they do anything, and the start of a goroutine, after it; Yield and all that parks besides. A goroutine that
// calls nothing of these is not interrupted, so a race between two plain accesses is not provoked.
//
// The same seed gives the same order as long as nothing but the order varies: no I/O, no other threads, no
// BlockingCall, nothing that depends on time or on addresses. Time: timer_clock.h. What is not seeded: the
// order of what comes from outside, and select in threads that are no goroutines. SetMaxProcs() and
// STRAY_MAXPROCS have no effect.
//
// A goroutine can lose its turn at any scheduling point, and there is one processor: one that holds a lock of
// another library (std::mutex) at such a point can stop all others for good. Locks of the runtime do not.
//
// Invariants
//   - Only the machine that has the processor comes here, but for HasRunnable().
//   - A task is in Processor::next, its queue, the global queue, or here. The machine's loop moves all of them
//     here before each choice, in the order of their numbers, so it does not matter which of them it was.
//
// Source: S. Burckhardt, P. Kothari, M. Musuvathi, S. Nagarakatte, "A Randomized Scheduler with Probabilistic
// Guarantees of Finding Bugs", ASPLOS 2010. Added for programs that wait by looking again and again: who
// yields, or comes to a thousand scheduling points in a row, falls behind all others.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_SEEDED_ORDER_H_
#define STRAY_INSTRUMENTATION_RUNTIME_SEEDED_ORDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "instrumentation/runtime/run_queue.h"
#include "stray/scheduling_point.h"

namespace stray::runtime {

// STRAY_SCHED, read.
struct SeededOrderSpec {
  bool is_pct = false;
  uint64_t seed = 0;
  uint32_t depth = 1;
  std::string schedule_file;  // empty: it is not steered
};
// False if `text` is neither seed:N nor pct:N,D with D from 1 to 1000 nor steer:FILE.
bool ParseSeededOrder(const char* text, SeededOrderSpec* spec);

class SeededOrder {
 public:
  static bool IsOn() { return detail::is_order_seeded; }
  // Reads STRAY_SCHED. A wrong value ends the program with one line and status 2.
  static void Configure();
  // For Processor::random, which select uses.
  static uint64_t RandomForSelect();

  // Nobody has a number for `task` yet; the calling task starts it.
  static void NoteStarted(Task* task);

  // Empties `runnable` into the set of those that can run.
  static void Add(std::vector<Task*>& runnable);
  // Takes out who runs next; null if there is none.
  static Task* Pick();
  // True if Pick() would find one. Any thread.
  static bool HasRunnable();
  // When that becomes true though nothing happens; kNever: it does not. CLOCK_MONOTONIC. Any thread.
  static int64_t HeldUntil();

  // True if the current task has to let the others compete.
  static bool IsPreemptedNow(Task* current);
  static void NoteYield(Task* current);
};

// While it lives, the calling task passes scheduling points: it holds a WordLock, and who wants that would stop
// the only processor.
class WholeStep {
 public:
  WholeStep();
  ~WholeStep();
  WholeStep(const WholeStep&) = delete;
  WholeStep& operator=(const WholeStep&) = delete;

 private:
  const bool counts_;
};

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_SEEDED_ORDER_H_
