// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/wait_graph.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "analyzer/analysis/lock_holders.h"

namespace stray::analyzer {

std::vector<uint64_t> AddressesOf(const ProcessModel& process, const wire::TaskState& state) {
  if (state.cases().empty()) return {state.address()};
  std::vector<uint64_t> addresses;
  for (const wire::SelectCase& one : state.cases()) {
    const wire::Object* object = process.FindObject(one.object());
    addresses.push_back(object == nullptr ? 0 : object->address());
  }
  return addresses;
}

// Collects the edges; lives only while the graph is built.
class WaitGraphBuilder {
 public:
  explicit WaitGraphBuilder(WaitGraph& graph)
      : graph_(graph), process_(graph.process_), snapshot_(graph.snapshot_), holders_(process_, snapshot_) {}

  void Build(const absl::flat_hash_set<uint32_t>& foreign) {
    for (const wire::TaskState& state : snapshot_.tasks) AddTask(state, foreign.contains(state.task()));
    CollectWaitingWriters();
    graph_.has_unknown_wakers_ = HasUnknownWakers();
    for (Node node = 0; node < graph_.task_count(); ++node) AddNeeds(node);
    AddLockEdges();
    AddHandleEdges();
    const size_t size = graph_.task_count() + 2 + graph_.locks_.size() + handle_count_;
    graph_.needs_ = Digraph(size, edges_);
  }

 private:
  using Node = WaitGraph::Node;

  void AddTask(const wire::TaskState& state, bool foreign) {
    TaskNode node;
    node.state = &state;
    node.task = process_.FindTask(state.task());
    node.finished = state.state() == "finished" || (node.task != nullptr && node.task->finished());
    node.foreign = foreign;
    node.ending = EndingOf(state);
    node.wait = WaitOf(process_, state);
    graph_.tasks_.push_back(node);
  }

  Ending EndingOf(const wire::TaskState& state) const {
    const wire::Snapshot& info = snapshot_.info;
    if (!IsExitSnapshot(info)) return Ending::kNo;
    const bool in_handlers = state.in_exit() || state.task() == info.exiting_task();
    if (state.task() == info.taken_by()) return Ending::kEnded;
    if (!in_handlers) return Ending::kNo;
    // At the end of exit() the handlers are through; _exit() in another thread cuts them short.
    return info.reason() == "exit" ? Ending::kEnded : Ending::kEnding;
  }

  bool HasUnknownWakers() const {
    uint32_t unknown = snapshot_.info.unknown_threads();
    // A sanitizer keeps one thread that no hook sees and that never runs code of the program.
    uint32_t expected = process_.process.sanitizer() ? 1 : 0;
    for (const TaskNode& node : graph_.tasks_) {
      if (!node.state->kernel_only()) continue;
      if (unknown > 0) --unknown;  // it is a node of its own
      if (node.foreign) expected = 0;
    }
    return unknown > expected || snapshot_.info.pending_calls() > 0 || HasLostTasks();
  }

  bool HasLostTasks() const {
    return std::any_of(process_.losses.begin(), process_.losses.end(), [](const wire::LossCount& loss) {
      return loss.count() > 0 && (loss.word() == "tasks" || loss.word() == "snapshot_space");
    });
  }

  bool IsBlocked(const TaskNode& node) const {
    const wire::TaskState& state = *node.state;
    if (node.finished || state.kernel_only()) return false;
    const bool spins = CallOf(state) == "pthread_spin_lock";
    if (state.state() != "blocked") return spins;
    // On a processor: it is about to block or has just been woken. The thread that takes the snapshot is
    // always found there, wherever it was interrupted.
    return state.kernel_state() != "R" || spins || state.task() == snapshot_.info.taken_by();
  }

  void Need(Node from, Node to) { edges_.emplace_back(from, to); }

  void AddNeeds(Node node) {
    const TaskNode& task = graph_.tasks_[node];
    if (task.ending == Ending::kEnded) {
      Need(node, graph_.nobody());
      return;
    }
    if (!IsBlocked(task)) return;
    const wire::TaskState& state = *task.state;
    const WaitWord& wait = task.wait;
    const bool ends_by_itself = state.timed() || wait.waker == Waker::kTimer || wait.waker == Waker::kOutside;
    if (wait.object_kind == "condition") NeedMutexBack(node, state);
    if (ends_by_itself) return;
    switch (wait.waker) {
      case Waker::kHolder:
        NeedLock(node, state.object(), wait.object_kind == "rwlock" && IsReadWait(state));
        break;
      case Waker::kTask:
        NeedTask(node, state.waits_for_task());
        break;
      case Waker::kAnyTask:
        if (!CanBeWokenFromOutside(state, wait)) NeedWhoeverReaches(node, AddressesOf(process_, state));
        break;
      case Waker::kNobody:
        Need(node, graph_.nobody());
        break;
      case Waker::kOutside:
      case Waker::kTimer:
        break;
    }
  }

  static bool IsReadWait(const wire::TaskState& state) {
    const absl::string_view call = CallOf(state);
    return call == "pthread_rwlock_rdlock" || call == "sync.RWMutex.RLock";
  }

  bool IsShared(const wire::TaskState& state, uint32_t object) const {
    const wire::Object* record = process_.FindObject(object);
    return state.shared() || (record != nullptr && record->shared());
  }

  bool CanBeWokenFromOutside(const wire::TaskState& state, const WaitWord& wait) const {
    if (IsShared(state, state.object())) return true;
    const bool signal_safe = wait.object_kind == "semaphore" || wait.object_kind == "futex";
    return signal_safe && process_.process.catches_signals();
  }

  void NeedTask(Node node, uint32_t id) {
    auto it = snapshot_.by_task.find(id);
    if (id == 0 || it == snapshot_.by_task.end()) return;  // not known, or ended long ago: about to return
    if (!graph_.tasks_[it->second].finished) Need(node, static_cast<Node>(it->second));
  }

  void NeedMutexBack(Node node, const wire::TaskState& state) {
    if (state.mutex() == 0) return;
    // Of a recursive mutex a wait gives up one level: what the task still holds it can lock again.
    for (const LockHolders::Holder& holder : holders_.HoldersOf(state.mutex())) {
      if (holder.index == node) return;
    }
    NeedLock(node, state.mutex(), false);
  }

  void NeedLock(Node node, uint32_t object, bool for_reading) {
    const bool shared = IsShared(*graph_.tasks_[node].state, object);
    if (object == 0) {
      if (!shared) Need(node, graph_.anybody());
      return;
    }
    auto [it, is_new] = lock_nodes_.try_emplace({object, for_reading}, 0);
    if (is_new) {
      it->second = static_cast<Node>(graph_.nobody() + 1 + graph_.locks_.size());
      graph_.locks_.push_back(
          {.object = object, .for_reading = for_reading, .shared = shared, .ended_site = {}});
    }
    graph_.locks_[it->second - graph_.nobody() - 1].shared |= shared;
    Need(node, it->second);
  }

  void CollectWaitingWriters() {
    for (Node node = 0; node < graph_.task_count(); ++node) {
      const wire::TaskState& state = *graph_.tasks_[node].state;
      if (!IsBlocked(graph_.tasks_[node]) || IsReadWait(state)) continue;
      if (graph_.tasks_[node].wait.object_kind == "rwlock") waiting_writers_[state.object()].push_back(node);
    }
  }

  void AddLockEdges() {
    for (size_t i = 0; i < graph_.locks_.size(); ++i) {
      LockNode& lock = graph_.locks_[i];
      const Node node = static_cast<Node>(graph_.nobody() + 1 + i);
      const absl::Span<const LockHolders::Holder> holders = holders_.HoldersOf(lock.object);
      bool found = false;
      for (const LockHolders::Holder& holder : holders) {
        if (lock.for_reading && holder.read) continue;
        Need(node, holder.index);
        found = true;
      }
      if (!found && lock.for_reading && !holders.empty()) found = NeedWaitingWriters(node, lock.object);
      if (!found && holders.empty()) found = NeedEndedHolder(node, lock);
      // Whoever it is, it is one of this process, unless others can reach the lock.
      if (!found && !lock.shared && !holders_.IsFree(lock.object)) Need(node, graph_.anybody());
    }
  }

  bool NeedWaitingWriters(Node node, uint32_t object) {
    auto it = waiting_writers_.find(object);
    if (it == waiting_writers_.end()) return false;
    for (Node writer : it->second) Need(node, writer);
    return true;
  }

  bool NeedEndedHolder(Node node, LockNode& lock) {
    const LockHolders::Ended ended = holders_.EndedHolder(lock.object);
    lock.ended_holder = ended.task;
    lock.ended_site = ended.site;
    if (lock.ended_holder == 0) return false;
    // Another goroutine may give back what this one took.
    const wire::Task* holder = process_.FindTask(lock.ended_holder);
    lock.others_may_release = holder != nullptr && holder->kind() == "goroutine";
    if (lock.others_may_release) {
      const wire::Object* object = process_.FindObject(lock.object);
      NeedWhoeverReaches(node, {object == nullptr ? 0 : object->address()});
    } else {
      Need(node, graph_.nobody());
    }
    return true;
  }

  // One of those that can reach one of `addresses`; anybody, if it is not known of all who can.
  void NeedWhoeverReaches(Node node, const std::vector<uint64_t>& addresses) {
    const bool is_known = graph_.reachability_.IsComplete() &&
                          std::all_of(addresses.begin(), addresses.end(), [&](uint64_t address) {
                            return graph_.reachability_.OfAddress(address) != nullptr;
                          });
    if (!is_known) return Need(node, graph_.anybody());
    if (addresses.size() == 1) {
      handle_needs_.emplace_back(node, HandleOf(addresses.front()));
      return;
    }
    const uint32_t any = handle_count_++;
    handle_needs_.emplace_back(node, any);
    for (uint64_t address : addresses) select_needs_.emplace_back(any, HandleOf(address));
  }

  // Its number among the handles.
  uint32_t HandleOf(uint64_t address) {
    const auto [it, is_new] = handles_.try_emplace(address, handle_count_);
    if (is_new) ++handle_count_;
    return it->second;
  }

  // Now that all locks are known, handles get their nodes; behind them comes the memory.
  void AddHandleEdges() {
    if (handle_count_ == 0) return;
    const Reachability& reachability = graph_.reachability_;
    const Node first = graph_.first_handle();
    const Node first_memory = first + handle_count_;
    handle_count_ += reachability.memory_count();
    const auto need_reacher = [&](Node node, const Reacher& reacher) {
      if (reacher.memory != 0) return Need(node, first_memory + reacher.memory - 1);
      if (reacher.task == 0) return Need(node, graph_.anybody());
      const auto it = snapshot_.by_task.find(reacher.task);
      // One that the dump does not show is no task of the program's own: it may do whatever others may.
      if (it == snapshot_.by_task.end()) return Need(node, graph_.anybody());
      const TaskNode& task = graph_.tasks_[it->second];
      if (!task.finished && !task.foreign) Need(node, static_cast<Node>(it->second));
    };
    for (const auto& [node, number] : handle_needs_) Need(node, first + number);
    for (const auto& [any, number] : select_needs_) Need(first + any, first + number);
    for (const auto& [address, number] : handles_) {
      for (const Reacher& reacher : *reachability.OfAddress(address)) need_reacher(first + number, reacher);
    }
    for (uint32_t memory = 1; memory <= reachability.memory_count(); ++memory) {
      for (const Reacher& reacher : reachability.OfMemory(memory)) {
        need_reacher(first_memory + memory - 1, reacher);
      }
    }
  }

  WaitGraph& graph_;
  const ProcessModel& process_;
  const SnapshotModel& snapshot_;
  const LockHolders holders_;
  std::vector<std::pair<Node, Node>> edges_;
  absl::flat_hash_map<std::pair<uint32_t, bool>, Node> lock_nodes_;
  absl::flat_hash_map<uint32_t, std::vector<Node>> waiting_writers_;
  uint32_t handle_count_ = 0;
  absl::flat_hash_map<uint64_t, uint32_t> handles_;          // by address: number among the handles
  std::vector<std::pair<Node, uint32_t>> handle_needs_;      // who needs which
  std::vector<std::pair<uint32_t, uint32_t>> select_needs_;  // a select: one of these
};

WaitGraph::WaitGraph(const ProcessModel& process, const SnapshotModel& snapshot,
                     const absl::flat_hash_set<uint32_t>& foreign)
    : process_(process), snapshot_(snapshot), reachability_(snapshot) {
  WaitGraphBuilder(*this).Build(foreign);
}

std::vector<WaitGraph::Node> WaitGraph::WaitsFor(Node task) const {
  std::vector<Node> result;
  for (Node need : needs_.Successors(task)) {
    if (IsTask(need)) result.push_back(need);
    if (!IsLock(need)) continue;
    for (Node holder : needs_.Successors(need)) {
      if (IsTask(holder)) result.push_back(holder);
    }
  }
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

}  // namespace stray::analyzer
