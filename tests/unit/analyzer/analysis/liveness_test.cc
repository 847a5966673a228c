// SPDX-License-Identifier: Apache-2.0
// Liveness against a naive twin that reads the dump directly and shares nothing with WaitGraph.
#include "analyzer/analysis/liveness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/analyzer/analysis/process_builder.h"
#include "tests/unit/analyzer/analysis/random_snapshot.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::set<uint32_t> LiveTasks(const ProcessModel& process, const absl::flat_hash_set<uint32_t>& foreign = {}) {
  const WaitGraph graph(process, process.snapshots.back(), foreign);
  const std::vector<bool> live = LiveNodes(graph);
  std::set<uint32_t> tasks;
  for (WaitGraph::Node task = 0; task < graph.task_count(); ++task) {
    if (live[task] && !graph.task(task).finished) tasks.insert(graph.task(task).state->task());
  }
  return tasks;
}

TEST(LivenessTest, RunningSleepingAndWaitingForTheOutsideIsLive) {
  ProcessBuilder p("hang");
  p.Main(1).Thread(2).Thread(3).Thread(4).Thread(5);
  p.Running(1)
      .Blocked(2, "nanosleep")
      .Blocked(3, "read")
      .Blocked(4, "pthread_cond_wait")
      .Blocked(5, "word of a newer agent");
  p.state(4).set_timed(true);
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1, 2, 3, 4, 5));
}

TEST(LivenessTest, OneLiveTaskCanWakeEveryWaiterOnACondition) {
  ProcessBuilder p("hang");
  p.Object(1, "condition").Object(2, "semaphore").Object(3, "barrier").Object(4, "futex");
  p.Main(1).Thread(2).Thread(3).Thread(4).Thread(5);
  p.Blocked(1, "nanosleep").Blocked(2, "pthread_cond_wait", 1).Blocked(3, "sem_wait", 2);
  p.Blocked(4, "pthread_barrier_wait", 3).Blocked(5, "futex", 4);
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1, 2, 3, 4, 5));
}

TEST(LivenessTest, WithoutALiveTaskNobodyWakes) {
  ProcessBuilder p("hang");
  p.Object(1, "condition").Main(1).Thread(2).Blocked(1, "pthread_cond_wait", 1).Blocked(2, "sem_wait");
  EXPECT_THAT(LiveTasks(p.Get()), IsEmpty());
}

TEST(LivenessTest, ASignalHandlerMayPostASemaphoreButNotSignalACondition) {
  ProcessBuilder p("hang");
  p.process_record().set_catches_signals(true);
  p.Main(1).Thread(2).Blocked(1, "sem_wait").Blocked(2, "pthread_mutex_lock", 1).Mutex(1).Holds(1, 1);
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1, 2));
  ProcessBuilder q("hang");
  q.process_record().set_catches_signals(true);
  q.Object(1, "condition").Main(1).Blocked(1, "pthread_cond_wait", 1);
  EXPECT_THAT(LiveTasks(q.Get()), IsEmpty());
}

TEST(LivenessTest, AnotherProcessCanWakeWaitersOnASharedObject) {
  ProcessBuilder p("hang");
  p.Object(1, "semaphore").Main(1).Blocked(1, "sem_wait", 1);
  p.object(1).set_shared(true);
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1));
}

TEST(LivenessTest, ThreadsThatNoHookSawMayWakeButAreNotTrustedWithLocks) {
  ProcessBuilder p("hang");
  p.info().set_unknown_threads(1);
  p.Mutex(1).Mutex(2).Main(1).Thread(2).Thread(3);
  p.Blocked(1, "pthread_cond_wait")
      .Blocked(2, "pthread_mutex_lock", 1)
      .Holds(2, 2)
      .Blocked(3, "pthread_mutex_lock", 2)
      .Holds(3, 1);
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1));
}

TEST(LivenessTest, TheBackgroundThreadOfASanitizerWakesNobody) {
  ProcessBuilder p("hang");
  p.process_record().set_sanitizer(true);
  p.info().set_unknown_threads(1);
  p.Main(1).Blocked(1, "pthread_cond_wait");
  EXPECT_THAT(LiveTasks(p.Get()), IsEmpty());
}

TEST(LivenessTest, AForeignThreadIsLiveAndWakesNobody) {
  ProcessBuilder p("hang");
  p.Main(1).Thread(2).Blocked(1, "pthread_cond_wait").Blocked(2, "nanosleep");
  EXPECT_THAT(LiveTasks(p.Get(), {2}), ElementsAre(2));
}

TEST(LivenessTest, ALockWaiterIsAsLiveAsTheHolderWhoeverElseLives) {
  ProcessBuilder p("hang");
  p.Mutex(1).Mutex(2).Main(1).Thread(2).Thread(3).Running(1);
  p.Blocked(2, "pthread_mutex_lock", 1).Holds(2, 2).Blocked(3, "pthread_mutex_lock", 2).Holds(3, 1);
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1));
}

TEST(LivenessTest, ALockWithoutKnownHolderMayBeReleasedByAnybodyLeft) {
  ProcessBuilder p("hang");
  p.Mutex(1).Main(1).Thread(2).Blocked(1, "pthread_mutex_lock", 1).Blocked(2, "nanosleep");
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1, 2));
  ProcessBuilder q("hang");
  q.Mutex(1).Main(1).Blocked(1, "pthread_mutex_lock", 1);
  EXPECT_THAT(LiveTasks(q.Get()), IsEmpty());
  ProcessBuilder r("hang");
  r.Mutex(1).Main(1).Blocked(1, "pthread_mutex_lock", 1);
  r.object(1).set_shared(true);
  EXPECT_THAT(LiveTasks(r.Get()), ElementsAre(1));
}

TEST(LivenessTest, AMutexIsDeadForEverOnceItsHolderHasEnded) {
  ProcessBuilder p("hang");
  p.Mutex(1).Main(1).Finished(2).Thread(3).Running(3).Blocked(1, "pthread_mutex_lock", 1);
  p.AddMisuse("ended-holding", 2, 1, "Worker");
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(3));
}

TEST(LivenessTest, ARobustMutexIsHandedOnWhenItsHolderEnds) {
  ProcessBuilder p("hang");
  p.Mutex(1).Main(1).Finished(2).Blocked(1, "pthread_mutex_lock", 1);
  p.object(1).set_robust(true);
  p.AddMisuse("ended-holding", 2, 1, "Worker");
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1));
}

TEST(LivenessTest, TheRingTellsWhoEndedWithALock) {
  ProcessBuilder p("hang");
  p.Mutex(1).Main(1).Finished(2).Thread(3).Running(3).Blocked(1, "pthread_mutex_lock", 1);
  p.AddEvent(1, "lock", 1, 4);
  p.AddEvent(1, "unlock", 1, 5);
  p.AddEvent(2, "lock", 1, 6);
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(3));
}

TEST(LivenessTest, TheOrderOfEventsSurvivesTheWrapOfTheirCounter) {
  ProcessBuilder p("hang");
  p.Mutex(1).Main(1).Finished(2).Blocked(1, "pthread_mutex_lock", 1);
  p.AddEvent(2, "lock", 1, 0xFFFFFF);
  p.AddEvent(1, "unlock", 1, 3);  // somebody else has unlocked it since
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1));
}

TEST(LivenessTest, AWriterNeedsAllReadersToLeave) {
  ProcessBuilder p("hang");
  p.Rwlock(1).Mutex(2).Main(1).Thread(2).Thread(3).Thread(4);
  p.Running(1).Reads(1, 1);
  p.Blocked(2, "pthread_mutex_lock", 2).Reads(2, 1).Holds(2, 2);  // stuck with the read lock
  p.Blocked(3, "pthread_rwlock_wrlock", 1);
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1));
}

TEST(LivenessTest, AReaderBehindAWaitingWriterIsAsLiveAsTheWriter) {
  ProcessBuilder p("hang");
  p.Rwlock(1).Main(1).Thread(2).Thread(3);
  p.Blocked(1, "pthread_rwlock_rdlock", 1).Reads(1, 1).Blocked(2, "pthread_rwlock_wrlock", 1).Running(3);
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(3));
  ProcessBuilder q("hang");
  q.Rwlock(1).Main(1).Thread(2);
  q.Blocked(1, "pthread_rwlock_rdlock", 1).Reads(1, 1).Blocked(2, "pthread_rwlock_wrlock", 1);
  q.state(2).set_timed(true);  // the writer gives up by itself
  EXPECT_THAT(LiveTasks(q.Get()), ElementsAre(1, 2));
}

TEST(LivenessTest, AConditionWaitNeedsItsMutexBackEvenWithATimeout) {
  ProcessBuilder p("hang");
  p.Object(1, "condition").Mutex(2).Mutex(3).Main(1).Thread(2).Thread(3).Running(3);
  p.Blocked(1, "pthread_cond_wait", 1).Holds(1, 3);
  p.state(1).set_mutex(2);
  p.state(1).set_timed(true);
  p.Blocked(2, "pthread_mutex_lock", 3).Holds(2, 2);
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(3));
}

TEST(LivenessTest, TheMutexGivenUpForAConditionIsNotHeld) {
  ProcessBuilder p("hang");
  p.Object(1, "condition").Mutex(2).Main(1).Thread(2).Thread(3).Running(3);
  p.Blocked(1, "pthread_cond_wait", 1).Holds(1, 2);
  p.state(1).set_mutex(2);
  p.Blocked(2, "pthread_mutex_lock", 2);
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1, 2, 3));
}

TEST(LivenessTest, ARecursiveMutexLockedTwiceStaysHeldDuringAConditionWait) {
  ProcessBuilder p("hang");
  p.Object(1, "condition").Mutex(2).Main(1).Thread(2);
  p.object(2).set_recursive(true);
  p.Blocked(1, "pthread_cond_wait", 1).Holds(1, 2);
  p.state(1).set_mutex(2);
  p.state(1).mutable_held(0)->set_count(2);
  p.Blocked(2, "pthread_mutex_lock", 2);  // the only one that could signal
  EXPECT_THAT(LiveTasks(p.Get()), IsEmpty());
}

TEST(LivenessTest, AJoinIsAsLiveAsTheTaskJoined) {
  ProcessBuilder p("hang");
  p.Main(1).Thread(2).Thread(3).Finished(4).Thread(5);
  p.Joins(1, 2).Blocked(2, "nanosleep").Joins(3, 4).Joins(5, 99);
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1, 2, 3, 5));
}

TEST(LivenessTest, OnceWaitsForTheTaskInside) {
  ProcessBuilder p("hang");
  p.Object(1, "once").Main(1).Thread(2).Thread(3).Running(3);
  p.object(1).set_holder(2);
  p.Blocked(1, "pthread_once", 1).Joins(2, 1);
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(3));
}

TEST(LivenessTest, TheTaskThatEndedTheProgramWakesNobodyAnyMore) {
  ProcessBuilder p("exit");
  p.Main(1).Thread(2).Ender(1).Blocked(2, "pthread_cond_wait");
  EXPECT_THAT(LiveTasks(p.Get()), IsEmpty());
}

TEST(LivenessTest, ExitHandlersCutShortByAnotherThreadCouldStillHaveWoken) {
  ProcessBuilder p("quick_exit");
  p.Main(1).Thread(2).Thread(3).Running(1).Ender(2).Blocked(3, "pthread_cond_wait");
  p.state(1).set_in_exit(true);
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1, 3));
}

TEST(LivenessTest, AThreadTheKernelFindsRunningIsNoProofExceptWhenItTakesTheSnapshot) {
  ProcessBuilder p("hang");
  p.Main(1).Thread(2).Blocked(1, "pthread_cond_wait").Blocked(2, "pthread_cond_wait");
  p.state(1).set_kernel_state("R");
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1, 2));
  ProcessBuilder q("hang");
  q.Main(1).Blocked(1, "pthread_cond_wait");
  q.state(1).set_kernel_state("R");
  q.info().set_taken_by(1);
  EXPECT_THAT(LiveTasks(q.Get()), IsEmpty());
}

TEST(LivenessTest, ASpinningThreadWaitsLikeABlockedOne) {
  ProcessBuilder p("hang");
  p.Object(1, "spin lock").Main(1).Thread(2).Running(1).Joins(2, 1).Holds(2, 1);
  p.state(1).set_wait_reason("pthread_spin_lock");
  p.state(1).set_object(1);
  p.state(1).set_kernel_state("R");
  EXPECT_THAT(LiveTasks(p.Get()), IsEmpty());
}

TEST(LivenessTest, WaitingOnANilChannelIsForEver) {
  ProcessBuilder p("hang");
  p.Main(1).Thread(2).Running(1).Blocked(2, "chan send (nil chan)");
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1));
}

TEST(LivenessTest, ThousandReadersAndThousandWaitingWritersAreNoMillionEdges) {
  ProcessBuilder p("hang");
  p.Rwlock(1).Main(1).Joins(1, 2);
  for (uint32_t id = 2; id < 1002; ++id) p.Thread(id).Blocked(id, "pthread_cond_wait").Reads(id, 1);
  for (uint32_t id = 1002; id < 2002; ++id) p.Thread(id).Blocked(id, "pthread_rwlock_wrlock", 1);
  const ProcessModel& process = p.Get();
  const WaitGraph graph(process, process.snapshots.back(), {});
  size_t edges = 0;
  for (WaitGraph::Node node = 0; node < graph.needs().size(); ++node)
    edges += graph.needs().Successors(node).size();
  EXPECT_LT(edges, 5000u);
  EXPECT_THAT(LiveTasks(process), IsEmpty());
}

// The twin: repeats "could it go on?" for every task until nothing changes.
class NaiveLiveness {
 public:
  explicit NaiveLiveness(const ProcessModel& process) : states_(process.snapshots.back().tasks) {}

  std::set<uint32_t> Run() {
    bool changed = true;
    while (changed) {
      changed = false;
      for (const wire::TaskState& state : states_) {
        if (live_.count(state.task()) == 0 && CanGoOn(state)) changed = live_.insert(state.task()).second;
      }
    }
    return live_;
  }

 private:
  bool IsLive(uint32_t task) const { return live_.count(task) != 0; }

  static bool Holds(const wire::TaskState& state, uint32_t object, bool only_write) {
    for (const wire::Held& held : state.held()) {
      if (held.object() == object && (!only_write || !held.read())) return true;
    }
    return false;
  }

  bool IsGivenUpForACondition(uint32_t object) const {
    return std::any_of(states_.begin(), states_.end(),
                       [&](const wire::TaskState& state) { return state.mutex() == object; });
  }

  bool LockComesFree(uint32_t object, bool only_writers) const {
    bool held = false;
    for (const wire::TaskState& state : states_) {
      if (!Holds(state, object, only_writers)) continue;
      held = true;
      if (!IsLive(state.task())) return false;
    }
    return held || !live_.empty() || IsGivenUpForACondition(object);
  }

  bool CanRead(uint32_t object) const {
    bool writer = false, reader = false;
    for (const wire::TaskState& state : states_) {
      if (Holds(state, object, true)) writer = true;
      if (Holds(state, object, false)) reader = true;
    }
    if (writer) return LockComesFree(object, true);
    if (!reader) return !live_.empty();
    bool writer_waits = false;
    for (const wire::TaskState& state : states_) {
      if (state.wait_reason() == "pthread_rwlock_wrlock" && state.object() == object) writer_waits = true;
    }
    if (!writer_waits) return !live_.empty();
    for (const wire::TaskState& state : states_) {
      if (state.wait_reason() == "pthread_rwlock_wrlock" && state.object() == object && !IsLive(state.task()))
        return false;
    }
    return true;
  }

  bool CanGoOn(const wire::TaskState& state) const {
    const std::string& reason = state.wait_reason();
    if (state.state() == "running" || reason == "nanosleep") return true;
    if (reason == "pthread_mutex_lock" || reason == "pthread_rwlock_wrlock")
      return LockComesFree(state.object(), false);
    if (reason == "pthread_rwlock_rdlock") return CanRead(state.object());
    if (reason == "pthread_join") return IsLive(state.waits_for_task());
    if (reason == "pthread_cond_wait") return !live_.empty() && LockComesFree(state.mutex(), false);
    return !live_.empty();  // sem_wait
  }

  const std::vector<wire::TaskState>& states_;
  std::set<uint32_t> live_;
};

TEST(LivenessTest, AgreesWithANaiveTwinOnRandomSnapshots) {
  size_t stuck = 0;
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    ProcessBuilder p("hang");
    FillWithRandomSnapshot(p, random);
    const ProcessModel& process = p.Get();
    const std::set<uint32_t> live = LiveTasks(process);
    ASSERT_EQ(live, NaiveLiveness(process).Run());
    stuck += process.tasks.size() - live.size();
  }
  EXPECT_GT(stuck, 3000u);  // the generator makes interesting cases
}

}  // namespace
}  // namespace stray::analyzer
