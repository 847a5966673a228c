// SPDX-License-Identifier: Apache-2.0
// machine_loop.h: what a machine does when it runs no goroutine: looks for one, and sleeps. The slow half of
// the scheduler; scheduler.h has the picture.
//
// How no work is lost: who makes a task runnable first puts it into a queue, then looks whether a processor is
// idle and nobody spins. Who goes idle first says so, then looks at all queues again. Both in sequentially
// consistent order, so at least one sees the other.
//
// How none is left behind a goroutine that computes, and no timer and descriptor forgotten: while a processor
// is idle, a machine watches, or is on its way to: it looks for work, and watches if it finds none, or wakes
// another if it does (StopSpinning). So whoever takes the last one away that watches without looking for work,
// that is, for work that is known already, sees to it that there is another: KeepOneWatching().
#ifndef STRAY_INSTRUMENTATION_RUNTIME_MACHINE_LOOP_H_
#define STRAY_INSTRUMENTATION_RUNTIME_MACHINE_LOOP_H_

#include "instrumentation/runtime/scheduler.h"

namespace stray::runtime {

class MachineLoop {
 public:
  static void Start();
  static void RunMain(Task* task);
  static void MainHasEnded();
  static void Stop();
  static void InjectList(TaskList& list);
  static void InjectAll(Task* const* tasks, uint32_t count);
  static void WakeOne();
  static void WakeWatcher();
  static bool IsWatcherLazy() { return watcher_is_lazy_.load(std::memory_order_relaxed); }
  static void NoteEarlierTimer(int64_t when_ns);
  static void NoteDescriptor();  // somebody is about to wait for one
  static void NoteThreadParked(int change);
  static void HandOver(Processor* processor);
  static bool TakeIdleProcessor(Machine* machine);
  static int SetMaxProcs(int count);
  static Processor* ProcessorAt(int index) { return processors_[index].load(std::memory_order_acquire); }
  // For stray::Runtime: shut_down.cc. The number of goroutines that are left.
  static size_t ShutDown(int64_t timeout_ns);
  static void BeginAgain();
  static bool IsShutDown() { return is_shut_down_.load(std::memory_order_relaxed); }
  static int main_status;  // of the process, set by the main goroutine before it ends

 private:
  enum WakeKind : uint32_t { kAsleep = 0, kHasProcessor = 1, kLookAgain = 2 };

  static void* ThreadMain(void* machine);
  static void StartSnapshotServer();  // snapshot_server.cc
  static void StartThread(void* (*run)(void*), void* argument);
  static void BindThread(Machine* machine);
  static void UnbindThread(Machine* machine);
  static void Run(Machine* machine);
  static Task* Find(Machine* machine, Processor* processor);
  static Task* FindSeeded(Processor* processor);
  static Task* FindLocal(Processor* processor);
  static Task* TakeGlobal(Processor* processor);
  static Task* Steal(Machine* machine, Processor* processor);
  static bool RunTimers(Processor* processor, int64_t now_ns);
  static void StopSpinning(Machine* machine);
  static void GoIdle(Machine* machine, Processor* processor);
  static bool IsWorkAnywhere();
  static bool IsBusy();
  static void Sleep(Machine* machine);
  static void StartMachine(Processor* processor, bool spinning);
  static void GiveProcessor(Machine* machine, Processor* processor, bool spinning);
  static bool AreMachinesGone();
  // Watcher: watcher.cc.
  static void Watch(Machine* machine);
  static bool LookAround(Machine* machine);
  static bool EmptyRetired(Processor* processor);
  static bool IsTaskPending();
  static int64_t EarliestTimer();
  static int64_t WatchDeadline(int64_t interval_ns);
  static bool CanNobodyWake();
  static bool IsQuiet();
  static bool AreAllAsleep();
  static void WakeWatcherIfAllSleep();
  static void KeepOneWatching();
  static void WakeMachine(Machine* machine, uint32_t kind);
  // Called with the lock held.
  static void PutDown(Processor* processor);
  static Processor* PopIdleProcessor();
  static void PushIdleProcessor(Processor* processor);
  static Machine* PopIdleMachine();
  static bool HasWatcher();  // or wakes somebody to be it
  static void PushIdleMachine(Machine* machine);
  static void RemoveIdleMachine(Machine* machine);
  static void AddProcessors(int count);
  static void NobodyHasProcessors();

  static WordLock lock_;
  static Machine* watcher_;       // guarded by lock_
  static Machine* all_machines_;  // guarded by lock_; never given back
  static std::atomic<Processor*> processors_[kMaxProcessors];
  // Ever; those from MaxProcs() on are retired, or will be at their next switch.
  static std::atomic<int> made_processors_;
  static std::atomic<int> machine_count_;  // threads, with that of snapshots
  static std::atomic<bool> watcher_is_lazy_;
  static std::atomic<bool> is_shut_down_;  // by stray::Runtime
};

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_MACHINE_LOOP_H_
