// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/witness_check.h"

#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace stray::analyzer {
namespace {

absl::Status Wrong(EventIndex index, absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat("event ", uint64_t{index} + 1, ": ", why));
}

}  // namespace

class WitnessChecker::Replay {
 public:
  explicit Replay(const WitnessChecker& checker)
      : checker_(checker),
        done_(checker.trace_.tasks.size(), 0),
        is_running_(checker.trace_.tasks.size(), false),
        memory_(checker.trace_.variables.size(), kNoEvent),
        given_(checker.trace_.syncs.size(), 0) {}

  absl::Status Do(EventIndex index) {
    if (absl::Status status = CheckIsNext(index); !status.ok()) return status;
    const TraceEvent& event = checker_.trace_.events[index];
    ++done_[event.task];
    switch (event.op) {
      case TraceOp::kRead:
        if (memory_[event.operand] != checker_.reads_from_[index])
          return Wrong(index, "reads from another write");
        break;
      case TraceOp::kWrite:
        memory_[event.operand] = index;
        break;
      case TraceOp::kAcquire:
      case TraceOp::kTryAcquire:
      case TraceOp::kAcquireRead:
        return Acquire(index, event);
      case TraceOp::kRelease:
      case TraceOp::kReleaseRead:
        return Release(index, event);
      case TraceOp::kAwait:
      case TraceOp::kDepend:
        if (!HasAllBefore(index, event.operand)) return Wrong(index, "what it comes after has not happened");
        break;
      case TraceOp::kFork:
        is_running_[event.operand] = true;
        break;
      case TraceOp::kJoin:
        if (done_[event.operand] != checker_.program_[event.operand].size())
          return Wrong(index, "that task goes on");
        break;
      default:
        break;
    }
    return absl::OkStatus();
  }

  // It is what its task does next.
  absl::Status CheckIsNext(EventIndex index) const {
    if (index >= checker_.trace_.events.size()) return Wrong(index, "there is no such event");
    const uint32_t task = checker_.trace_.events[index].task;
    if (checker_.is_forked_[task] && !is_running_[task]) return Wrong(index, "its task has not been forked");
    const std::vector<EventIndex>& program = checker_.program_[task];
    if (done_[task] >= program.size() || program[done_[task]] != index)
      return Wrong(index, "its task does something else first");
    return absl::OkStatus();
  }

  // `task` cannot take the lock, in that mode, because `other` has it.
  bool IsInTheWay(uint32_t other, uint32_t task, uint32_t lock, bool to_write) const {
    const auto hold = holds_.find({lock, other});
    return other != task && hold != holds_.end() &&
           (hold->second.writes != 0 || (to_write && hold->second.reads != 0));
  }

 private:
  struct Hold {
    uint32_t writes = 0, reads = 0;  // how often
  };

  absl::Status Acquire(EventIndex index, const TraceEvent& event) {
    const bool to_write = event.op != TraceOp::kAcquireRead;
    for (auto it = holds_.lower_bound({event.operand, 0});
         it != holds_.end() && it->first.first == event.operand; ++it) {
      if (IsInTheWay(it->first.second, event.task, event.operand, to_write))
        return Wrong(index, "the lock is held");
    }
    Hold& hold = holds_[{event.operand, event.task}];
    ++(to_write ? hold.writes : hold.reads);
    return absl::OkStatus();
  }

  absl::Status Release(EventIndex index, const TraceEvent& event) {
    const auto hold = holds_.find({event.operand, event.task});
    if (hold == holds_.end()) return Wrong(index, "the task does not have the lock");
    uint32_t& times = event.op == TraceOp::kRelease ? hold->second.writes : hold->second.reads;
    if (times == 0) return Wrong(index, "the task has the lock in the other mode");
    --times;
    if (hold->second.writes == 0 && hold->second.reads == 0) holds_.erase(hold);
    return absl::OkStatus();
  }

  // All that was given to the sync before `index` in the trace, whatever else was.
  bool HasAllBefore(EventIndex index, uint32_t sync) {
    const std::vector<EventIndex>& gifts = checker_.gifts_[sync];
    size_t& given = given_[sync];
    while (given < gifts.size() && IsDone(gifts[given])) ++given;
    return given == gifts.size() || gifts[given] > index;
  }

  bool IsDone(EventIndex index) const {
    const uint32_t task = checker_.trace_.events[index].task;
    const std::vector<EventIndex>& program = checker_.program_[task];
    return done_[task] != 0 && program[done_[task] - 1] >= index;
  }

  const WitnessChecker& checker_;
  std::vector<size_t> done_;                             // by task: how many of its events
  std::vector<bool> is_running_;                         // by task: it has been forked
  std::vector<EventIndex> memory_;                       // by variable: the last write
  std::map<std::pair<uint32_t, uint32_t>, Hold> holds_;  // by lock and task that has it
  std::vector<size_t> given_;  // by sync: how many of its first gifts have all happened
};

WitnessChecker::WitnessChecker(const Trace& trace)
    : trace_(trace),
      program_(trace.tasks.size()),
      is_forked_(trace.tasks.size(), false),
      gifts_(trace.syncs.size()) {
  std::vector<EventIndex> last_writes(trace.variables.size(), kNoEvent);
  reads_from_.assign(trace.events.size(), kNoEvent);
  for (EventIndex i = 0; i < trace.events.size(); ++i) {
    const TraceEvent& event = trace.events[i];
    program_[event.task].push_back(i);
    if (event.op == TraceOp::kRead) reads_from_[i] = last_writes[event.operand];
    if (event.op == TraceOp::kWrite) last_writes[event.operand] = i;
    if (event.op == TraceOp::kFork) is_forked_[event.operand] = true;
    if (event.op == TraceOp::kSignal || event.op == TraceOp::kProvide) gifts_[event.operand].push_back(i);
  }
}

absl::Status WitnessChecker::ReplayAll(const Witness& witness, Replay& replay) {
  for (const EventIndex event : witness.events) {
    if (absl::Status status = replay.Do(event); !status.ok()) return status;
  }
  for (const EventIndex event : witness.next) {
    if (absl::Status status = replay.CheckIsNext(event); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status WitnessChecker::CheckRace(const Witness& witness) const {
  Replay replay(*this);
  if (absl::Status status = ReplayAll(witness, replay); !status.ok()) return status;
  if (witness.next.size() != 2) return absl::FailedPreconditionError("a race is of two accesses");
  const TraceEvent& a = trace_.events[witness.next[0]];
  const TraceEvent& b = trace_.events[witness.next[1]];
  const bool is_race = IsAccess(a.op) && IsAccess(b.op) && a.operand == b.operand && a.task != b.task &&
                       (a.op == TraceOp::kWrite || b.op == TraceOp::kWrite);
  return is_race ? absl::OkStatus() : Wrong(witness.next[1], "does not conflict with the other one");
}

absl::Status WitnessChecker::CheckDeadlock(const Witness& witness) const {
  Replay replay(*this);
  if (absl::Status status = ReplayAll(witness, replay); !status.ok()) return status;
  if (witness.next.size() < 2) return absl::FailedPreconditionError("a circle is of two tasks at least");
  std::set<uint32_t> tasks;
  for (size_t i = 0; i < witness.next.size(); ++i) {
    const TraceEvent& event = trace_.events[witness.next[i]];
    const TraceEvent& other = trace_.events[witness.next[(i + 1) % witness.next.size()]];
    if (event.op != TraceOp::kAcquire && event.op != TraceOp::kAcquireRead)
      return Wrong(witness.next[i], "is no acquire that waits");
    if (!tasks.insert(event.task).second) return Wrong(witness.next[i], "is of a task that waits already");
    if (!replay.IsInTheWay(other.task, event.task, event.operand, event.op == TraceOp::kAcquire))
      return Wrong(witness.next[i], "the next one of the circle does not have what it wants");
  }
  return absl::OkStatus();
}

}  // namespace stray::analyzer
