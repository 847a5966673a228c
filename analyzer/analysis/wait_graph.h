// SPDX-License-Identifier: Apache-2.0
// wait_graph.h: who waits for whom, at one instant.
//
// Built from one snapshot and immutable, so that all its answers are about the same moment.
//
//   task --needs--> lock --needs--> holders        a lock is released by its holders and nobody else
//   task --needs--> lock --needs--> anybody        but one of the runtime, whose holder has ended, by all
//   task --needs--> task                           join
//   task --needs--> anybody                        condition, semaphore, barrier, futex: any live task may wake
//   task --needs--> handle --needs one of--> those that can reach it     the same, if that is known
//   task --needs--> nobody                         nothing can wake it
//
// A node is live if ALL that it needs is live. The exceptions: `anybody` is live as soon as one task is, and a
// handle, or a piece of memory, as soon as ONE of those is that can reach it. Locks are nodes of their own, so
// that a thousand readers and a thousand waiting writers are two thousand edges and not a million.
//
// Invariants
//   - A task that runs, sleeps, does I/O or waits with a timeout needs nothing: it is live by itself.
//   - Missing facts make a task live, never stuck: a join of a task that is not known, a wait reason of a
//     newer agent, tasks that could not be recorded. A lock whose holder is not known needs anybody.
//   - A condition wait needs its mutex back, so it needs the mutex's holder too, timeout or not.
//   - A reader needs the writer that holds the rwlock; behind readers it waits for the waiting writers.
//   - What is reached through variables is reached by all tasks that still run: it needs `anybody`.
//
// Tried and dropped
//   - "Parked for a minute is stuck". Idle pools look the same. Time is shown, never used as proof.
//   - Searching for circles only. In most leaks there is none: the other side simply returned.
#ifndef STRAY_ANALYZER_ANALYSIS_WAIT_GRAPH_H_
#define STRAY_ANALYZER_ANALYSIS_WAIT_GRAPH_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "analyzer/analysis/digraph.h"
#include "analyzer/analysis/reachability.h"
#include "analyzer/analysis/wait_words.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// Who ended the program, in a snapshot taken at its end: such a task is no leak.
enum class Ending {
  kNo,      // not part of the end, or the snapshot was taken while the program ran
  kEnded,   // it has ended the program: it is through with its exit handlers and can wake nobody
  kEnding,  // it still runs exit handlers
};

// One task of the snapshot, as the graph sees it.
struct TaskNode {
  const wire::TaskState* state = nullptr;
  const wire::Task* task = nullptr;  // null: the dump has no record of it
  bool finished = false;
  bool foreign = false;  // never runs code of the program: cannot wake its tasks
  Ending ending = Ending::kNo;
  WaitWord wait;  // of `state`; without meaning if it is not blocked
};

// One lock that somebody waits for.
struct LockNode {
  uint32_t object = 0;
  bool for_reading = false;
  bool shared = false;  // other processes can reach it
  uint32_t ended_holder =
      0;  // task that ended while it held the lock; nobody else can release it, but for goroutines
  wire::Site ended_site;            // where that task took it
  bool others_may_release = false;  // as goroutines may
};

// Addresses of what `state` waits for: several for a select. 0: not known.
std::vector<uint64_t> AddressesOf(const ProcessModel& process, const wire::TaskState& state);

class WaitGraph {
 public:
  using Node = Digraph::Node;

  // `foreign`: ids of tasks that never run code of the program (ignores.h). `process` and `snapshot` must
  // outlive the graph.
  WaitGraph(const ProcessModel& process, const SnapshotModel& snapshot,
            const absl::flat_hash_set<uint32_t>& foreign);

  const ProcessModel& process() const { return process_; }
  const SnapshotModel& snapshot() const { return snapshot_; }

  // Nodes 0..task_count()-1 are the tasks in the order of the snapshot, then come the two nodes below, then
  // locks, then handles: what is waited for where it is known who can reach it, and memory on the way there.
  size_t task_count() const { return tasks_.size(); }
  const TaskNode& task(Node node) const { return tasks_[node]; }
  bool IsTask(Node node) const { return node < tasks_.size(); }
  Node anybody() const { return static_cast<Node>(tasks_.size()); }
  Node nobody() const { return static_cast<Node>(tasks_.size() + 1); }
  bool IsLock(Node node) const { return node > nobody() && node < first_handle(); }
  const LockNode& lock(Node node) const { return locks_[node - nobody() - 1]; }
  bool IsHandle(Node node) const { return node >= first_handle(); }

  const Reachability& reachability() const { return reachability_; }

  // What each node needs.
  const Digraph& needs() const { return needs_; }

  // True if something that is not in the snapshot can wake tasks: kernel threads no hook has seen, functions of
  // the program that timers will call.
  bool has_unknown_wakers() const { return has_unknown_wakers_; }

  // The tasks that `task` waits for by name: holders of the locks it needs, and the task it joins.
  std::vector<Node> WaitsFor(Node task) const;

 private:
  friend class WaitGraphBuilder;

  Node first_handle() const { return static_cast<Node>(nobody() + 1 + locks_.size()); }

  const ProcessModel& process_;
  const SnapshotModel& snapshot_;
  std::vector<TaskNode> tasks_;
  std::vector<LockNode> locks_;
  const Reachability reachability_;
  bool has_unknown_wakers_ = false;
  Digraph needs_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_WAIT_GRAPH_H_
