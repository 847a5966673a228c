// SPDX-License-Identifier: Apache-2.0
// witness_check.cc: replays witnesses. On purpose it shares nothing with what makes them but the trace.
#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "analyzer/trace/witness.h"

namespace stray::analyzer {
namespace {

class Replay {
 public:
  explicit Replay(const Trace& trace) : trace_(trace), program_(trace.tasks.size()) {
    std::map<uint32_t, EventIndex> last_write;
    for (EventIndex i = 0; i < trace.events.size(); ++i) {
      const TraceEvent& event = trace.events[i];
      program_[event.task].push_back(i);
      if (event.op == TraceOp::kWrite) last_write[event.operand] = i;
      if (event.op == TraceOp::kFork) forked_.insert(event.operand);
      const auto write = last_write.find(event.operand);
      if (event.op == TraceOp::kRead)
        reads_from_.push_back(write == last_write.end() ? kNoEvent : write->second);
      if (event.op != TraceOp::kRead) reads_from_.push_back(kNoEvent);
    }
    done_.assign(trace.tasks.size(), 0);
  }

  absl::Status Do(EventIndex index) {
    if (index >= trace_.events.size()) return Wrong(index, "there is no such event");
    const TraceEvent& event = trace_.events[index];
    if (absl::Status status = CheckIsNext(index); !status.ok()) return status;
    ++done_[event.task];
    switch (event.op) {
      case TraceOp::kRead:
        if (WriteTo(event.operand) != reads_from_[index]) return Wrong(index, "reads from another write");
        break;
      case TraceOp::kWrite:
        memory_[event.operand] = index;
        break;
      case TraceOp::kAcquire:
        if (IsHeldByOther(event)) return Wrong(index, "the lock is held");
        ++depth_[{event.operand, event.task}];
        break;
      case TraceOp::kRelease:
        if (depth_[{event.operand, event.task}]-- <= 0) return Wrong(index, "the task does not have the lock");
        break;
      case TraceOp::kFork:
        running_.insert(event.operand);
        break;
      case TraceOp::kJoin:
        if (done_[event.operand] != program_[event.operand].size()) return Wrong(index, "that task goes on");
        break;
      default:
        break;
    }
    return absl::OkStatus();
  }

  // It is what its task does next.
  absl::Status CheckIsNext(EventIndex index) const {
    if (index >= trace_.events.size()) return Wrong(index, "there is no such event");
    const uint32_t task = trace_.events[index].task;
    if (forked_.contains(task) && !running_.contains(task)) return Wrong(index, "its task has not been forked");
    if (done_[task] >= program_[task].size() || program_[task][done_[task]] != index)
      return Wrong(index, "its task does something else first");
    return absl::OkStatus();
  }

  bool Has(uint32_t task, uint32_t lock) const {
    const auto found = depth_.find({lock, task});
    return found != depth_.end() && found->second > 0;
  }

  absl::Status Wrong(EventIndex index, absl::string_view why) const {
    return absl::FailedPreconditionError(absl::StrCat("event ", uint64_t{index} + 1, ": ", why));
  }

 private:
  EventIndex WriteTo(uint32_t variable) const {
    const auto found = memory_.find(variable);
    return found == memory_.end() ? kNoEvent : found->second;
  }

  bool IsHeldByOther(const TraceEvent& event) const {
    for (const auto& [lock_and_task, depth] : depth_) {
      if (depth > 0 && lock_and_task.first == event.operand && lock_and_task.second != event.task) return true;
    }
    return false;
  }

  const Trace& trace_;
  std::vector<std::vector<EventIndex>> program_;  // by task
  std::vector<EventIndex> reads_from_;            // by event
  std::set<uint32_t> forked_;                     // tasks that the trace forks
  std::set<uint32_t> running_;                    // those of them that have been
  std::vector<size_t> done_;                      // by task
  std::map<uint32_t, EventIndex> memory_;
  std::map<std::pair<uint32_t, uint32_t>, int> depth_;  // by lock and task
};

absl::Status ReplayAll(const Witness& witness, Replay& replay) {
  for (const EventIndex event : witness.events) {
    if (absl::Status status = replay.Do(event); !status.ok()) return status;
  }
  for (const EventIndex event : witness.next) {
    if (absl::Status status = replay.CheckIsNext(event); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckRaceWitness(const Trace& trace, const Witness& witness) {
  Replay replay(trace);
  if (absl::Status status = ReplayAll(witness, replay); !status.ok()) return status;
  if (witness.next.size() != 2) return absl::FailedPreconditionError("a race is of two accesses");
  const TraceEvent& a = trace.events[witness.next[0]];
  const TraceEvent& b = trace.events[witness.next[1]];
  const bool is_race = IsAccess(a.op) && IsAccess(b.op) && a.operand == b.operand && a.task != b.task &&
                       (a.op == TraceOp::kWrite || b.op == TraceOp::kWrite);
  return is_race ? absl::OkStatus() : replay.Wrong(witness.next[1], "does not conflict with the other one");
}

absl::Status CheckDeadlockWitness(const Trace& trace, const Witness& witness) {
  Replay replay(trace);
  if (absl::Status status = ReplayAll(witness, replay); !status.ok()) return status;
  if (witness.next.size() < 2) return absl::FailedPreconditionError("a circle is of two tasks at least");
  std::set<uint32_t> tasks;
  for (size_t i = 0; i < witness.next.size(); ++i) {
    const TraceEvent& event = trace.events[witness.next[i]];
    const TraceEvent& other = trace.events[witness.next[(i + 1) % witness.next.size()]];
    if (event.op != TraceOp::kAcquire) return replay.Wrong(witness.next[i], "is no acquire");
    if (!tasks.insert(event.task).second)
      return replay.Wrong(witness.next[i], "is of a task that waits already");
    if (!replay.Has(other.task, event.operand))
      return replay.Wrong(witness.next[i], "the next one of the circle does not have what it wants");
  }
  return absl::OkStatus();
}

}  // namespace stray::analyzer
