// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/missed_meetings.h"

#include <algorithm>
#include <map>
#include <utility>

#include "analyzer/trace/sync_closure.h"

namespace stray::analyzer {
namespace {

// What is done to a channel on one side.
struct Side {
  std::map<std::pair<uint32_t, uint32_t>, EventIndex> last;  // by task and place
  std::vector<EventIndex> all;
  std::map<uint32_t, size_t> begun;        // by task: how often
  std::map<uint32_t, size_t> found_ready;  // by task: how often that was done without being about to
};
struct Channel {
  Side sends, receives;
};

class MeetingSearch {
 public:
  MeetingSearch(const TraceIndex& index, const MeetingOptions& options)
      : index_(index), closure_(index), most_steps_(options.most_steps) {}

  std::vector<MissedMeeting> Run() {
    for (uint32_t task = 0; task < index_.task_count(); ++task) FindOpen(task);
    if (open_.empty()) return {};
    std::sort(open_.begin(), open_.end());
    CollectSides();
    std::vector<MissedMeeting> found;
    for (const EventIndex event : open_) found.push_back(Look(event));
    return found;
  }

 private:
  // What the task was about to do last, if that has no end.
  void FindOpen(uint32_t task) {
    const auto events = index_.EventsOf(task);
    const size_t first = open_.size();
    for (size_t i = events.size(); i-- > 0;) {
      const TraceOp op = index_.event(events[i]).op;
      if (!IsOfChannel(op)) continue;
      const bool is_case = op == TraceOp::kSelectSend || op == TraceOp::kSelectReceive;
      if (is_case || (open_.size() == first && (IsSend(op) || IsReceive(op)))) open_.push_back(events[i]);
      if (!is_case) return;
    }
  }

  void CollectSides() {
    channels_.resize(index_.trace().channels.size());
    std::vector<bool> has_begun(index_.task_count(), false);
    std::vector<EventIndex> tries(index_.task_count(), kNoEvent);
    for (EventIndex i = 0; i < index_.trace().events.size(); ++i) {
      const TraceEvent& event = index_.event(i);
      if (!IsOfChannel(event.op)) continue;
      Channel& channel = channels_[event.operand];
      if (IsSend(event.op)) Begin(channel.sends, event, i);
      if (IsReceive(event.op)) Begin(channel.receives, event, i);
      if (event.op == TraceOp::kSent && !has_begun[event.task]) ++channel.sends.found_ready[event.task];
      if (event.op == TraceOp::kReceived && !has_begun[event.task]) ++channel.receives.found_ready[event.task];
      has_begun[event.task] = BeginsChannelUse(event.op);
      // What was tried in vain was not done by anybody.
      const TraceOp tried = tries[event.task] == kNoEvent ? event.op : index_.event(tries[event.task]).op;
      if (event.op == TraceOp::kLeft && tried == TraceOp::kTrySend) --channel.sends.begun[event.task];
      if (event.op == TraceOp::kLeft && tried == TraceOp::kTryReceive) --channel.receives.begun[event.task];
      const bool tries_now = event.op == TraceOp::kTrySend || event.op == TraceOp::kTryReceive;
      tries[event.task] = tries_now ? i : kNoEvent;
    }
  }

  static void Begin(Side& side, const TraceEvent& event, EventIndex i) {
    side.last[{event.task, event.location}] = i;
    side.all.push_back(i);
    ++side.begun[event.task];
  }

  MissedMeeting Look(EventIndex event) {
    MissedMeeting result = {.event = event, .partners = {}, .others = 0, .are_all_known = true};
    const TraceEvent& what = index_.event(event);
    const Channel& channel = channels_[what.operand];
    const Side& side = IsSend(what.op) ? channel.receives : channel.sends;
    for (const auto& [task, count] : side.begun) result.others += task == what.task ? 0 : count;
    for (const auto& [task, count] : side.found_ready) {
      result.others += task == what.task ? 0 : count;
      result.are_all_known = result.are_all_known && task == what.task;
    }
    for (const auto& [who, other] : side.last) {
      if (!HasPlace(result.partners, who.second)) Try(other, result);
    }
    // That there is none is said of all.
    for (size_t i = side.all.size(); i-- > 0 && result.partners.empty() && result.are_all_known;)
      Try(side.all[i], result);
    std::sort(result.partners.begin(), result.partners.end());
    return result;
  }

  void Try(EventIndex other, MissedMeeting& result) {
    if (index_.event(other).task == index_.event(result.event).task) return;
    if (++steps_ + closure_.steps() > most_steps_) {
      result.are_all_known = false;
    } else if (CanMeet(result.event, other)) {
      result.partners.push_back(other);
    }
  }

  bool HasPlace(const std::vector<EventIndex>& events, uint32_t location) const {
    return std::any_of(events.begin(), events.end(),
                       [&](EventIndex event) { return index_.event(event).location == location; });
  }

  bool CanMeet(EventIndex a, EventIndex b) {
    if (!CanBothBeHeld(index_.HeldAt(a), index_.HeldAt(b))) return false;
    closure_.Clear();
    closure_.IncludeBefore(a);
    closure_.IncludeBefore(b);
    if (closure_.Contains(a) || closure_.Contains(b)) return false;
    closure_.Close();
    return !closure_.Contains(a) && !closure_.Contains(b);
  }

  const TraceIndex& index_;
  SyncClosure closure_;
  const uint64_t most_steps_;
  uint64_t steps_ = 0;
  std::vector<EventIndex> open_;
  std::vector<Channel> channels_;
};

}  // namespace

std::vector<MissedMeeting> FindMissedMeetings(const TraceIndex& index, const MeetingOptions& options) {
  return MeetingSearch(index, options).Run();
}

}  // namespace stray::analyzer
