// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/witness_check.h"

#include <cstdint>
#include <set>

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
        locks_(checker.trace_.locks.size()) {}

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
        if (locks_[event.operand].depth != 0 && !Has(event.task, event.operand))
          return Wrong(index, "the lock is held");
        locks_[event.operand].holder = event.task;
        ++locks_[event.operand].depth;
        break;
      case TraceOp::kRelease:
        if (!Has(event.task, event.operand)) return Wrong(index, "the task does not have the lock");
        --locks_[event.operand].depth;
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

  bool Has(uint32_t task, uint32_t lock) const {
    return locks_[lock].depth != 0 && locks_[lock].holder == task;
  }

 private:
  struct Lock {
    uint32_t holder = 0;
    uint32_t depth = 0;  // 0: nobody has it
  };

  const WitnessChecker& checker_;
  std::vector<size_t> done_;        // by task: how many of its events
  std::vector<bool> is_running_;    // by task: it has been forked
  std::vector<EventIndex> memory_;  // by variable: the last write
  std::vector<Lock> locks_;
};

WitnessChecker::WitnessChecker(const Trace& trace)
    : trace_(trace), program_(trace.tasks.size()), is_forked_(trace.tasks.size(), false) {
  std::vector<EventIndex> last_writes(trace.variables.size(), kNoEvent);
  reads_from_.assign(trace.events.size(), kNoEvent);
  for (EventIndex i = 0; i < trace.events.size(); ++i) {
    const TraceEvent& event = trace.events[i];
    program_[event.task].push_back(i);
    if (event.op == TraceOp::kRead) reads_from_[i] = last_writes[event.operand];
    if (event.op == TraceOp::kWrite) last_writes[event.operand] = i;
    if (event.op == TraceOp::kFork) is_forked_[event.operand] = true;
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
    if (event.op != TraceOp::kAcquire) return Wrong(witness.next[i], "is no acquire");
    if (!tasks.insert(event.task).second) return Wrong(witness.next[i], "is of a task that waits already");
    if (!replay.Has(other.task, event.operand))
      return Wrong(witness.next[i], "the next one of the circle does not have what it wants");
  }
  return absl::OkStatus();
}

}  // namespace stray::analyzer
