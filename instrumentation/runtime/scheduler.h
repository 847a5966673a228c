// SPDX-License-Identifier: Apache-2.0
// scheduler.h: many goroutines on few threads.
//
//   Task        a goroutine                       Processor   the right to run goroutines, with a queue of
//   them; Machine     a thread of ours                              there are GOMAXPROCS of them
//
// A machine needs a processor to run goroutines. A goroutine that parks switches straight to the next one in
// its processor's queue; only if there is none, and now and then for fairness, does it switch to the machine's
// own stack, whose loop looks at the global queue and the timers, steals from others, and goes to sleep.
//
// Who made a task runnable need not wake anybody: it is `Processor::next` and will run when the current task
// parks. Only when a second one waits is a machine woken to steal it, and only if none is looking for work
// already.
//
// Among the machines that sleep, one is the watcher: it wakes up for timers and descriptors, and while others
// run, in short intervals, to take over what they leave lying: a task that is `next` on a processor whose
// current task computes and never parks.
//
// Lock order: Scheduler's lock < TimerHeap's < pool's. Locks of objects come before all of these.
//
// Sources: D. Vyukov, "Scalable Go Scheduler Design Doc", and Go's runtime/proc.go, for processors, stealing
// and the protocol of spinning machines. Switching task to task without a scheduler stack is as in Boost.Fiber.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_SCHEDULER_H_
#define STRAY_INSTRUMENTATION_RUNTIME_SCHEDULER_H_

#include <atomic>
#include <cstdint>

#include "instrumentation/runtime/park.h"
#include "instrumentation/runtime/run_queue.h"
#include "instrumentation/runtime/thread_state.h"
#include "instrumentation/runtime/timers.h"

namespace stray::runtime {

inline constexpr int kMaxProcessors = 256;

struct Processor {
  RunQueue queue;
  alignas(64) std::atomic<Task*> next{nullptr};  // runs before the queue
  std::atomic<uint32_t> tick{0};                 // switches; written by the owner
  std::atomic<bool> attention{false};            // the machine's loop is to look around before the next switch
  // From here on the machine that has the processor only.
  alignas(64) uint32_t next_streak = 0;  // how often `next` went before the queue
  uint32_t looks = 0;                    // of the machine's loop for work
  uint32_t index = 0;
  Machine* machine = nullptr;
  TaskList free_tasks;
  StackCache stacks;
  uint64_t next_id = 0, ids_left = 0;
  uint64_t random = 0;
  int64_t now_ns = 0;                             // of the last look at the clock
  std::atomic<uint64_t> started{0}, finished{0};  // goroutines
  TimerHeap timers;
  // Guarded by the scheduler's lock.
  Processor* next_idle = nullptr;
  bool is_idle = false;
  // Of the watcher.
  uint32_t seen_tick = 0;
};

struct Machine {
  Context context;  // of its loop
  Processor* processor = nullptr;
  void** exceptions = nullptr;  // this thread's __cxa_eh_globals
  // What the side that goes on does for the one that has stopped.
  WordLock* unlock = nullptr;
  void (*after)(void*) = nullptr;
  void* after_argument = nullptr;
  std::atomic<uint32_t> wake{0};  // futex word: see WakeKind
  bool is_spinning = false;       // looks for work
  // Guarded by the scheduler's lock.
  Machine* next_idle = nullptr;
  Machine* next_of_all = nullptr;
  bool is_idle = false;
  int32_t tid = 0;
  std::atomic<uint32_t> is_over{0};  // its thread has nothing left to do but to end
  bool is_known_gone = false;        // of the one that shuts down
  void* sanitizer_fiber = nullptr;
  Stack dead_stack;  // with TSan or LSan: of the task that has just ended here
  void* fake_stack = nullptr;
  const void* stack_low = nullptr;
  size_t stack_size = 0;
};

class Scheduler {
 public:
  // Starts it if it does not run yet.
  static void Start();
  static bool IsStarted();
  // Runs `task` as the main goroutine, with the calling thread as a machine, until it has ended.
  static void RunMain(Task* task);
  static void SetMainStatus(int status);
  // Ends all machines at their next switch. Goroutines are not run any more.
  static void Stop();
  static bool IsStopping() { return stopping_.load(std::memory_order_relaxed); }

  // A record for a new goroutine.
  static Task* NewTask();
  // It is complete: runs soon.
  static void Spawn(Task* task);
  // It was not used after all.
  static void Discard(Task* task);

  // Puts a task where any processor finds it.
  static void Inject(Task* task);
  // Wakes a machine if there is a processor for it and nobody looks for work yet.
  static void WakeOne() {
    if (idle_processors_.load(std::memory_order_seq_cst) != 0 &&
        spinning_.load(std::memory_order_seq_cst) == 0) {
      WakeOneSlow();
    }
  }
  // Something that the watcher waits for has changed: a timer is earlier, a thread has parked.
  static void WakeWatcher();

  static int SetMaxProcs(int count);  // the old one; count < 1 changes nothing
  static int MaxProcs() { return processor_count_.load(std::memory_order_relaxed); }
  static uint32_t IdleProcessors() { return idle_processors_.load(std::memory_order_seq_cst); }
  static uint64_t NumGoroutines();
  static Processor* ProcessorAt(int index);

  // Calls `visit` for each task there has ever been, dead ones too. The tasks may change meanwhile.
  static void ForEachTask(void (*visit)(Task* task, void* argument), void* argument);
  // Shows this runtime to an agent, if there is one.
  static void AttachAgent();

  // Counts threads that wait in Park(): +1 by themselves, -1 by whoever makes them ready.
  static void NoteThreadParked(int change);
  // Counts goroutines inside BlockingCall, and descriptors being waited for.
  static void NoteOutside(int change) { outside_.fetch_add(change, std::memory_order_seq_cst); }

  // For park.cc and switch.cc, with the processor of the calling thread.
  // Takes out the task that is to run now; null: the machine's loop decides.
  static Task* PickLocal(Processor* processor);
  // True if another task waits for this processor.
  static bool HasLocal(const Processor* processor) {
    return processor->next.load(std::memory_order_relaxed) != nullptr || !processor->queue.IsEmpty();
  }
  // Makes a task run next, or after all others.
  static void PushNext(Processor* processor, Task* task);
  static void PushLast(Processor* processor, Task* task);
  // The task has ended. Its record may be used again at once.
  static void Finish(Processor* processor, Task* task);
  // A machine gives its processor away, or wants one back; false if none is idle.
  static void HandOver(Processor* processor);
  static bool TakeIdleProcessor(Machine* machine);

 private:
  friend class MachineLoop;
  static void WakeOneSlow();
  static char has_finished;  // for TSan: what those did that have ended, for MachineLoop::ShutDown()

  static std::atomic<bool> stopping_;
  static std::atomic<int> processor_count_;
  static std::atomic<uint32_t> idle_processors_;
  static std::atomic<uint32_t> spinning_;
  static std::atomic<int> outside_;
};

// Switches. `from` is null for a task that will never go on.
void SwitchTo(ThreadState* self, Task* from, Task* to);
void SwitchToMachine(ThreadState* self, Task* from);
void SwitchFromMachine(ThreadState* self, Task* to);
// What the switched-to side does first.
void AfterSwitch();
// Where each goroutine begins.
[[noreturn]] void TaskEntry();

int MainStatus();

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_SCHEDULER_H_
