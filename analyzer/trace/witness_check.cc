// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/witness_check.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analyzer/trace/stuck_check.h"

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
        given_(checker.trace_.syncs.size(), 0),
        channels_(checker.trace_.channels.size()) {}

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
        return IsOfChannel(event.op) ? UseChannel(index, event) : absl::OkStatus();
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

  struct Channel {
    bool is_closing = false, is_closed = false;
    std::set<uint32_t> too_late;  // tasks whose send was begun after that
  };

  absl::Status UseChannel(EventIndex index, const TraceEvent& event) {
    Channel& channel = channels_[event.operand];
    if (event.op == TraceOp::kClose) channel.is_closing = true;
    if (event.op == TraceOp::kClosed) channel.is_closed = true;
    const bool sends = event.op == TraceOp::kSend || event.op == TraceOp::kTrySend;
    if (sends && channel.is_closed) channel.too_late.insert(event.task);
    if (event.op == TraceOp::kSent && channel.too_late.contains(event.task))
      return Wrong(index, "is sent on a channel that was closed before");
    const bool must_be_closed = event.op == TraceOp::kReceivedClosed && checker_.is_closed_[event.operand];
    return must_be_closed && !channel.is_closing ? Wrong(index, "the channel is not closed") : absl::OkStatus();
  }

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
  std::vector<size_t> given_;      // by sync: how many of its first gifts have all happened
  std::vector<Channel> channels_;  // by channel
};

WitnessChecker::WitnessChecker(const Trace& trace)
    : trace_(trace),
      program_(trace.tasks.size()),
      is_forked_(trace.tasks.size(), false),
      gifts_(trace.syncs.size()),
      is_closed_(trace.channels.size(), false) {
  std::vector<EventIndex> last_writes(trace.variables.size(), kNoEvent);
  reads_from_.assign(trace.events.size(), kNoEvent);
  for (EventIndex i = 0; i < trace.events.size(); ++i) {
    const TraceEvent& event = trace.events[i];
    program_[event.task].push_back(i);
    if (event.op == TraceOp::kRead) reads_from_[i] = last_writes[event.operand];
    if (event.op == TraceOp::kWrite) last_writes[event.operand] = i;
    if (event.op == TraceOp::kFork) is_forked_[event.operand] = true;
    if (event.op == TraceOp::kClose) is_closed_[event.operand] = true;
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

absl::Status WitnessChecker::CheckMixed(const Witness& witness) const {
  Replay replay(*this);
  if (absl::Status status = ReplayAll(witness, replay); !status.ok()) return status;
  std::set<uint32_t> tasks;
  size_t locks = 0;
  for (const EventIndex event : witness.next) {
    const TraceEvent& what = trace_.events[event];
    if (!tasks.insert(what.task).second) return Wrong(event, "is of a task that waits already");
    locks += what.op == TraceOp::kAcquire || what.op == TraceOp::kAcquireRead ? 1 : 0;
  }
  if (locks == 0 || locks == witness.next.size())
    return absl::FailedPreconditionError("it is not of a channel and a lock");
  return CheckStuck(trace_, witness.events, witness.next);
}

absl::Status WitnessChecker::CheckPair(const Witness& witness, std::initializer_list<TraceOp> some,
                                       std::initializer_list<TraceOp> others) const {
  Replay replay(*this);
  if (absl::Status status = ReplayAll(witness, replay); !status.ok()) return status;
  if (witness.next.size() != 2) return absl::FailedPreconditionError("it is of two tasks");
  const TraceEvent& a = trace_.events[witness.next[0]];
  const TraceEvent& b = trace_.events[witness.next[1]];
  const auto is_one = [](std::initializer_list<TraceOp> ops, const TraceEvent& event) {
    return std::find(ops.begin(), ops.end(), event.op) != ops.end();
  };
  const bool fits = (is_one(some, a) && is_one(others, b)) || (is_one(some, b) && is_one(others, a));
  const bool is_pair = fits && a.operand == b.operand && a.task != b.task;
  return is_pair ? absl::OkStatus() : Wrong(witness.next[1], "the other one has nothing to do with it");
}

absl::Status WitnessChecker::CheckClose(const Witness& witness) const {
  return CheckPair(witness, {TraceOp::kClose}, {TraceOp::kSend, TraceOp::kTrySend, TraceOp::kClose});
}

absl::Status WitnessChecker::CheckMeeting(const Witness& witness) const {
  return CheckPair(witness, {TraceOp::kSend, TraceOp::kSelectSend, TraceOp::kTrySend},
                   {TraceOp::kReceive, TraceOp::kSelectReceive, TraceOp::kTryReceive});
}

absl::Status WitnessChecker::CheckNegative(const Witness& witness) const {
  Replay replay(*this);
  if (absl::Status status = ReplayAll(witness, replay); !status.ok()) return status;
  if (witness.next.size() != 1) return absl::FailedPreconditionError("it is of one task");
  const TraceEvent& done = trace_.events[witness.next[0]];
  if (done.op != TraceOp::kDone) return Wrong(witness.next[0], "does not lower the counter");
  int64_t counter = 0;
  for (const EventIndex event : witness.events) {
    const TraceEvent& what = trace_.events[event];
    if (what.op == TraceOp::kAdd && what.operand == done.operand) ++counter;
    if (what.op == TraceOp::kDone && what.operand == done.operand) --counter;
    if (counter < 0) return Wrong(event, "the counter is below zero before");
  }
  return counter == 0 ? absl::OkStatus() : Wrong(witness.next[0], "the counter is above zero");
}

}  // namespace stray::analyzer
