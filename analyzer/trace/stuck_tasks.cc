// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/stuck_tasks.h"

#include <algorithm>

namespace stray::analyzer {
namespace {

bool BringsValue(TraceOp op) { return IsSend(op) || op == TraceOp::kSent; }
bool TakesValue(TraceOp op) {
  return IsReceive(op) || op == TraceOp::kReceived || op == TraceOp::kReceivedClosed;
}

int64_t CountUpTo(const std::vector<uint32_t>& positions, uint32_t limit) {
  return std::upper_bound(positions.begin(), positions.end(), limit) - positions.begin();
}

}  // namespace

StuckTasks::StuckTasks(const TraceIndex& index)
    : index_(index),
      steps_(index.task_count()),
      begun_(index.task_count()),
      channels_(index.trace().channels.size()),
      groups_(index.trace().groups.size()) {
  for (EventIndex event = 0; event < index.trace().events.size(); ++event) Learn(event);
}

void StuckTasks::Learn(EventIndex event) {
  const TraceEvent& what = index_.event(event);
  std::vector<Step>& steps = steps_[what.task];
  if (what.op == TraceOp::kAcquire || what.op == TraceOp::kAcquireRead) {
    // An inner one of its holder waits for nobody; it has no set of its own.
    const auto outer = index_.AcquiresOf(what.task);
    if (std::binary_search(outer.begin(), outer.end(), event)) steps.push_back({event, true});
  } else if (what.op == TraceOp::kRelease || what.op == TraceOp::kReleaseRead) {
    if (index_.MatchOf(event) != kNoEvent) steps.push_back({event, false});
  } else if (what.op == TraceOp::kFork || what.op == TraceOp::kCut) {
    steps.push_back({event, false});
  } else if (IsOfChannel(what.op)) {
    LearnUse(event, what);
  } else if (IsOfGroup(what.op)) {
    LearnGroup(event, what);
  }
}

void StuckTasks::LearnUse(EventIndex event, const TraceEvent& what) {
  Channel& channel = channels_[what.operand];
  if (what.op == TraceOp::kMade) channel.capacity = index_.trace().locations[what.location];
  if (what.op == TraceOp::kFed) channel.received = INT64_MAX / 2;  // more than is sent
  if (what.op == TraceOp::kMade || what.op == TraceOp::kFed) return;
  const uint32_t position = index_.PositionOf(event);
  Uses& uses = channel.uses[what.task];
  if (what.op == TraceOp::kSent) uses.in.push_back(position);
  if (what.op == TraceOp::kReceived) uses.out.push_back(position);
  if (what.op == TraceOp::kClose || what.op == TraceOp::kClosed) channel.closes.push_back(event);
  if (IsSend(what.op)) ++channel.begun;
  if (what.op == TraceOp::kReceived && ++channel.received > channel.begun) channel.received = INT64_MAX / 2;
  std::vector<Step>& steps = steps_[what.task];
  size_t& begun = begun_[what.task];
  begun = BeginsChannelUse(what.op) ? begun + 1 : 0;
  // One case of several is not waited for alone.
  if (begun > 1) steps.back().may_wait = false;
  steps.push_back({event, begun == 1 && (what.op == TraceOp::kSend || what.op == TraceOp::kReceive)});
}

void StuckTasks::LearnGroup(EventIndex event, const TraceEvent& what) {
  Group& group = groups_[what.operand];
  std::vector<Step>& steps = steps_[what.task];
  const uint32_t position = index_.PositionOf(event);
  if (what.op == TraceOp::kAdd) {
    ++group.counter;
    group.uses[what.task].in.push_back(position);
    return;
  }
  if (what.op == TraceOp::kDone) {
    --group.counter;
    group.uses[what.task].out.push_back(position);
  }
  // A counter that was not zero then was not told from the start, or it is another group's at the same place.
  const bool was_for_this = what.op == TraceOp::kWaited && !steps.empty() && group.counter == 0;
  if (was_for_this) {
    const TraceEvent& before = index_.event(steps.back().event);
    if (before.op == TraceOp::kWait && before.operand == what.operand) steps.back().may_wait = true;
  }
  if (what.op != TraceOp::kWaited) steps.push_back({event, false});
}

bool StuckTasks::MayWait(EventIndex event) const {
  const TraceEvent& what = index_.event(event);
  const std::vector<Step>& steps = steps_[what.task];
  const auto step = std::lower_bound(steps.begin(), steps.end(), event,
                                     [](const Step& one, EventIndex wanted) { return one.event < wanted; });
  return step != steps.end() && step->event == event && step->may_wait && step + 1 != steps.end() &&
         EndsChannelUse(index_.event((step + 1)->event).op) && IsKnown(channels_[what.operand]);
}

std::vector<uint32_t> StuckTasks::UsersOf(uint32_t channel) const {
  std::vector<uint32_t> users;
  for (const auto& [task, uses] : channels_[channel].uses) users.push_back(task);
  std::sort(users.begin(), users.end());
  return users;
}

EventIndex StuckTasks::StopOf(uint32_t task) const {
  return IsRunning(task) && at_[task] < steps_[task].size() ? steps_[task][at_[task]].event : kNoEvent;
}

bool StuckTasks::IsRunning(uint32_t task) const {
  const EventIndex fork = index_.ForkOf(task);
  return fork == kNoEvent || is_forked_[task] || run_->Contains(fork);
}

size_t StuckTasks::FirstStepAfter(const SyncClosure& run, uint32_t task) const {
  const std::vector<Step>& steps = steps_[task];
  const auto first = std::partition_point(steps.begin(), steps.end(),
                                          [&](const Step& step) { return run.Contains(step.event); });
  return static_cast<size_t>(first - steps.begin());
}

EventIndex StuckTasks::EndToCome(const SyncClosure& run, uint32_t task) const {
  const std::vector<Step>& steps = steps_[task];
  size_t at = FirstStepAfter(run, task);
  if (at == 0 || !BeginsChannelUse(index_.event(steps[at - 1].event).op)) return kNoEvent;
  while (at < steps.size() && !EndsChannelUse(index_.event(steps[at].event).op)) ++at;
  return at == steps.size() ? kNoEvent : steps[at].event;
}

void StuckTasks::Start(const SyncClosure& run) {
  run_ = &run;
  freed_ = {};
  holds_.clear();
  offers_.clear();
  dones_.clear();
  at_.assign(index_.task_count(), 0);
  is_forked_.assign(index_.task_count(), false);
  for (uint32_t task = 0; task < index_.task_count(); ++task) {
    const std::vector<Step>& steps = steps_[task];
    const uint32_t limit = run.LimitOf(task);
    at_[task] = FirstStepAfter(run, task);
    // What has begun, and is not done.
    for (size_t i = at_[task]; i-- > 0 && BeginsChannelUse(index_.event(steps[i].event).op);)
      OffersMore(task, steps[i].event);
    const auto events = index_.EventsOf(task);
    if (limit == 0 || limit >= events.size()) continue;
    for (const HeldLock& held : index_.HeldAt(events[limit]))
      holds_[held.lock].push_back({task, held.to_write});
  }
}

StuckTasks::Freed StuckTasks::Look(const SyncClosure& run, absl::Span<const EventIndex> waits,
                                   EventIndex passed) {
  Start(run);
  // Who could be the other side comes first: mostly it can, and that is all.
  std::vector<uint32_t> order;
  for (const EventIndex event : waits) {
    const TraceEvent& what = index_.event(event);
    if (!IsOfChannel(what.op)) continue;
    const std::vector<uint32_t> users = UsersOf(what.operand);
    order.insert(order.end(), users.begin(), users.end());
  }
  for (bool has_moved = true; has_moved;) {
    has_moved = false;
    for (const uint32_t task : order) has_moved = Advance(task, waits, passed) || has_moved;
    if (freed_.event != kNoEvent) return freed_;
    for (uint32_t task = 0; task < steps_.size(); ++task) has_moved = Advance(task, waits, passed) || has_moved;
    if (freed_.event != kNoEvent) return freed_;
  }
  return {};
}

// True if that, or what it is about to do now, may let others go on.
bool StuckTasks::Advance(uint32_t task, absl::Span<const EventIndex> waits, EventIndex passed) {
  if (!IsRunning(task)) return false;
  bool has_moved = false;
  const std::vector<Step>& steps = steps_[task];
  for (size_t& at = at_[task]; at < steps.size() && freed_.event == kNoEvent; ++at) {
    const Step& step = steps[at];
    ++count_;
    has_moved = OffersMore(task, step.event) || has_moved;
    if (step.may_wait && step.event != passed && IsStuck(step.event)) return has_moved;
    has_moved = true;
    const bool is_wait = std::find(waits.begin(), waits.end(), step.event) != waits.end();
    const bool is_unknown = index_.event(step.event).op == TraceOp::kCut;
    if (is_unknown) freed_.by = kNoEvent;
    if ((is_wait && step.event != passed) || is_unknown) {
      freed_.event = is_unknown ? waits.front() : step.event;
      return true;
    }
    Take(task, step.event);
  }
  return has_moved;
}

bool StuckTasks::OffersMore(uint32_t task, EventIndex event) {
  const TraceEvent& what = index_.event(event);
  if (!IsOfChannel(what.op) || what.op == TraceOp::kLeft) return false;
  Offers& offers = offers_[what.operand];
  Offer& offer = BringsValue(what.op) ? offers.sends : TakesValue(what.op) ? offers.receives : offers.closes;
  if (offer.first == kNoEvent) {
    offer = {.task = task, .first = event, .other = kNoEvent};
    return true;
  }
  if (offer.task == task || offer.other != kNoEvent) return false;
  offer.other = event;
  return true;
}

void StuckTasks::Take(uint32_t task, EventIndex event) {
  const TraceEvent& what = index_.event(event);
  if (what.op == TraceOp::kFork) is_forked_[what.operand] = true;
  if (what.op == TraceOp::kDone) ++dones_[what.operand];
  const bool gives = what.op == TraceOp::kRelease || what.op == TraceOp::kReleaseRead;
  const auto holds = gives ? holds_.find(what.operand) : holds_.end();
  if (holds != holds_.end()) std::erase_if(holds->second, [&](const Hold& hold) { return hold.task == task; });
}

bool StuckTasks::IsStuck(EventIndex event) {
  freed_.by = kNoEvent;
  const TraceEvent& what = index_.event(event);
  switch (what.op) {
    case TraceOp::kAcquire:
    case TraceOp::kAcquireRead:
      return IsLockHeld(what, what.op == TraceOp::kAcquire);
    case TraceOp::kSend:
    case TraceOp::kReceive:
      return IsChannelStuck(what);
    case TraceOp::kWait: {
      const auto dones = dones_.find(what.operand);
      return Balance(groups_[what.operand].uses) > (dones == dones_.end() ? 0 : dones->second);
    }
    default:
      return false;
  }
}

bool StuckTasks::IsLockHeld(const TraceEvent& what, bool to_write) const {
  const auto holds = holds_.find(what.operand);
  return holds != holds_.end() &&
         std::any_of(holds->second.begin(), holds->second.end(),
                     [&](const Hold& hold) { return hold.task != what.task && (hold.to_write || to_write); });
}

int64_t StuckTasks::Balance(const absl::flat_hash_map<uint32_t, Uses>& uses) const {
  int64_t balance = 0;
  for (const auto& [task, one] : uses) {
    const uint32_t limit = run_->LimitOf(task);
    balance += CountUpTo(one.in, limit) - CountUpTo(one.out, limit);
  }
  return balance;
}

// What is half done to it, and so not counted yet, stands among the offers.
bool StuckTasks::IsChannelStuck(const TraceEvent& what) {
  const Channel& channel = channels_[what.operand];
  if (!IsKnown(channel)) return false;
  for (const EventIndex close : channel.closes) {
    if (run_->Contains(close)) return false;
  }
  const int64_t values = Balance(channel.uses);
  const bool sends = what.op == TraceOp::kSend;
  if (sends ? values < channel.capacity : values > 0) return false;
  const Offers& offers = offers_[what.operand];
  const auto is_made = [&](const Offer& offer, bool by_itself) {
    if (offer.first == kNoEvent) return false;
    const bool is_others = offer.task != what.task || offer.other != kNoEvent;
    if (is_others) freed_.by = offer.task != what.task ? offer.first : offer.other;
    return is_others || by_itself;
  };
  // What one has put into the buffer one can take out oneself.
  return !is_made(sends ? offers.receives : offers.sends, channel.capacity > 0) &&
         !is_made(offers.closes, false);
}

}  // namespace stray::analyzer
