// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/stuck_check.h"

#include <algorithm>
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

// How deep a task is in a lock.
struct Depth {
  uint32_t writes = 0, reads = 0;
};

struct ChannelState {
  int64_t room = -1;  // for so many values; -1: not known
  int64_t values = 0;
  bool is_fed = false, is_closed = false;
  std::set<uint32_t> senders, receivers, closers;  // tasks that may still be, or are just
};

class StuckChecker {
 public:
  StuckChecker(const Trace& trace, const std::vector<EventIndex>& next)
      : trace_(trace),
        next_(next.begin(), next.end()),
        programs_(trace.tasks.size()),
        done_(trace.tasks.size(), 0),
        is_born_(trace.tasks.size(), true),
        channels_(trace.channels.size()),
        counters_(trace.groups.size(), 0) {
    LearnProgram();
  }

  absl::Status Run(const std::vector<EventIndex>& events) {
    for (const EventIndex event : events) Replay(trace_.events[event]);
    for (uint32_t task = 0; task < done_.size(); ++task) LeaveHalfDone(task);
    for (bool has_changed = true; has_changed;) {
      has_changed = false;
      for (uint32_t task = 0; task < done_.size(); ++task) has_changed = GoOn(task) || has_changed;
    }
    for (const EventIndex event : next_) {
      const TraceEvent& what = trace_.events[event];
      if (is_unknown_) return Wrong(event, "a task can go on beyond what is known of it");
      const std::vector<EventIndex>& program = programs_[what.task];
      if (!is_wait_.contains(event)) return Wrong(event, "nobody has to wait there");
      if (done_[what.task] >= program.size() || program[done_[what.task]] != event)
        return Wrong(event, "its task can go on");
    }
    return absl::OkStatus();
  }

 private:
  // What each task does, and what of it may be a wait.
  void LearnProgram() {
    std::vector<EventIndex> begun(trace_.tasks.size(), kNoEvent);
    std::vector<int64_t> counters(trace_.groups.size(), 0), offered(trace_.channels.size(), 0);
    for (EventIndex i = 0; i < trace_.events.size(); ++i) {
      const TraceEvent& event = trace_.events[i];
      programs_[event.task].push_back(i);
      if (event.op == TraceOp::kFork) is_born_[event.operand] = false;
      if (event.op == TraceOp::kAcquire || event.op == TraceOp::kAcquireRead) is_wait_.insert(i);
      if (IsOfGroup(event.op)) LearnGroup(i, begun, counters);
      if (!IsOfChannel(event.op)) continue;
      ChannelState& channel = channels_[event.operand];
      if (event.op == TraceOp::kMade) channel.room = trace_.locations[event.location];
      offered[event.operand] += Sends(event.op) ? 1 : event.op == TraceOp::kReceived ? -1 : 0;
      if (event.op == TraceOp::kFed || offered[event.operand] < 0) channel.is_fed = true;
      EventIndex& last = begun[event.task];
      const bool begins = event.op >= TraceOp::kSend && event.op < TraceOp::kSent;
      // One of several is not waited for alone.
      if (begins && last != kNoEvent) is_wait_.erase(last);
      const bool is_plain = event.op == TraceOp::kSend || event.op == TraceOp::kReceive;
      if (is_plain && last == kNoEvent) is_wait_.insert(i);
      if (begins || event.op >= TraceOp::kSent) last = begins ? i : kNoEvent;
    }
  }

  void LearnGroup(EventIndex i, std::vector<EventIndex>& begun, std::vector<int64_t>& counters) {
    const TraceEvent& event = trace_.events[i];
    if (event.op == TraceOp::kAdd) ++counters[event.operand];
    if (event.op == TraceOp::kDone) --counters[event.operand];
    EventIndex& last = begun[event.task];
    if (event.op == TraceOp::kWait) last = i;
    if (event.op != TraceOp::kWaited || last == kNoEvent) return;
    const TraceEvent& before = trace_.events[last];
    const bool fits = before.op == TraceOp::kWait && before.operand == event.operand;
    if (fits && counters[event.operand] == 0) is_wait_.insert(last);
    last = kNoEvent;
  }

  static bool Sends(TraceOp op) {
    return op == TraceOp::kSend || op == TraceOp::kSelectSend || op == TraceOp::kTrySend;
  }

  void Replay(const TraceEvent& event) {
    ++done_[event.task];
    const bool is_of_lock =
        event.op == TraceOp::kRelease || event.op == TraceOp::kReleaseRead || IsAcquire(event.op);
    Depth none;
    Depth& depth = is_of_lock ? depths_[{event.operand, event.task}] : none;
    switch (event.op) {
      case TraceOp::kAcquire:
      case TraceOp::kTryAcquire:
        ++depth.writes;
        break;
      case TraceOp::kAcquireRead:
        ++depth.reads;
        break;
      case TraceOp::kRelease:
        --depth.writes;
        break;
      case TraceOp::kReleaseRead:
        --depth.reads;
        break;
      case TraceOp::kFork:
        is_born_[event.operand] = true;
        break;
      case TraceOp::kSent:
        ++channels_[event.operand].values;
        break;
      case TraceOp::kReceived:
        --channels_[event.operand].values;
        break;
      case TraceOp::kClose:
      case TraceOp::kClosed:
        channels_[event.operand].is_closed = true;
        break;
      case TraceOp::kAdd:
        ++counters_[event.operand];
        break;
      case TraceOp::kDone:
        --counters_[event.operand];
        break;
      default:
        break;
    }
  }

  // The last thing that it was about to do to channels may still be done.
  void LeaveHalfDone(uint32_t task) {
    for (size_t i = done_[task]; i-- > 0;) {
      const TraceEvent& event = trace_.events[programs_[task][i]];
      if (!IsOfChannel(event.op)) continue;
      if (event.op < TraceOp::kSend || event.op >= TraceOp::kSent) return;
      Stand(event);
      if (event.op != TraceOp::kSelectSend && event.op != TraceOp::kSelectReceive) return;
    }
  }

  // It is about to do that, or does it: others may find it there. True if that is new.
  bool Stand(const TraceEvent& event) {
    if (!IsOfChannel(event.op)) return false;
    ChannelState& channel = channels_[event.operand];
    switch (event.op) {
      case TraceOp::kMade:
      case TraceOp::kFed:
      case TraceOp::kLeft:
        return false;
      case TraceOp::kClose:
      case TraceOp::kClosed:
        return channel.closers.insert(event.task).second;
      case TraceOp::kSend:
      case TraceOp::kSelectSend:
      case TraceOp::kTrySend:
      case TraceOp::kSent:
        return channel.senders.insert(event.task).second;
      default:
        return channel.receivers.insert(event.task).second;
    }
  }

  bool GoOn(uint32_t task) {
    if (!is_born_[task]) return false;
    bool has_changed = false;
    const std::vector<EventIndex>& program = programs_[task];
    while (done_[task] < program.size()) {
      const EventIndex next = program[done_[task]];
      const TraceEvent& event = trace_.events[next];
      has_changed = Stand(event) || has_changed;
      if (is_wait_.contains(next) && Hangs(event)) break;
      Do(event);
      has_changed = true;
    }
    return has_changed;
  }

  void Do(const TraceEvent& event) {
    ++done_[event.task];
    is_unknown_ = is_unknown_ || event.op == TraceOp::kCut;
    if (event.op == TraceOp::kFork) is_born_[event.operand] = true;
    if (event.op == TraceOp::kDone) --counters_[event.operand];
    const bool is_of_lock =
        event.op == TraceOp::kRelease || event.op == TraceOp::kReleaseRead || IsAcquire(event.op);
    const auto depth = is_of_lock ? depths_.find({event.operand, event.task}) : depths_.end();
    if (depth == depths_.end() || (depth->second.writes == 0 && depth->second.reads == 0)) return;
    // Until it has given it back: what it takes then it may also take later.
    if (event.op == TraceOp::kAcquire || event.op == TraceOp::kTryAcquire) ++depth->second.writes;
    if (event.op == TraceOp::kAcquireRead) ++depth->second.reads;
    if (event.op == TraceOp::kRelease) --depth->second.writes;
    if (event.op == TraceOp::kReleaseRead) --depth->second.reads;
  }

  bool Hangs(const TraceEvent& event) const {
    if (event.op == TraceOp::kWait) return counters_[event.operand] > 0;
    if (!IsOfChannel(event.op)) return IsHeld(event);
    const ChannelState& channel = channels_[event.operand];
    if (channel.room < 0 || channel.is_fed || channel.is_closed) return false;
    const bool sends = event.op == TraceOp::kSend;
    if (sends ? channel.values < channel.room : channel.values > 0) return false;
    const auto others = [&](const std::set<uint32_t>& tasks, bool with_itself) {
      return tasks.size() > (with_itself || !tasks.contains(event.task) ? 0 : 1);
    };
    return !others(channel.closers, false) &&
           !others(sends ? channel.receivers : channel.senders, channel.room > 0);
  }

  bool IsHeld(const TraceEvent& event) const {
    for (auto hold = depths_.lower_bound({event.operand, 0});
         hold != depths_.end() && hold->first.first == event.operand; ++hold) {
      const Depth& depth = hold->second;
      const bool is_in_the_way = depth.writes != 0 || (depth.reads != 0 && event.op == TraceOp::kAcquire);
      if (hold->first.second != event.task && is_in_the_way) return true;
    }
    return false;
  }

  const Trace& trace_;
  const std::set<EventIndex> next_;
  std::vector<std::vector<EventIndex>> programs_;  // by task
  std::vector<size_t> done_;                       // by task: how many of those
  std::vector<bool> is_born_;                      // by task
  std::vector<ChannelState> channels_;
  std::vector<int64_t> counters_;  // of wait groups
  bool is_unknown_ = false;        // what may be done besides
  std::set<EventIndex> is_wait_;
  std::map<std::pair<uint32_t, uint32_t>, Depth> depths_;  // by lock and task
};

}  // namespace

absl::Status CheckStuck(const Trace& trace, const std::vector<EventIndex>& events,
                        const std::vector<EventIndex>& next) {
  return StuckChecker(trace, next).Run(events);
}

}  // namespace stray::analyzer
