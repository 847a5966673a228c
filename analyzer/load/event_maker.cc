// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/event_maker.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "agent/wire/goroutine_records.h"
#include "analyzer/load/trace_locks.h"
#include "analyzer/load/trace_merge.h"
#include "analyzer/load/trace_tasks.h"
#include "analyzer/load/utf8.h"

namespace stray::analyzer {
namespace {

using box::EventKind;
using trace::Op;

constexpr size_t kMostNameBytes = 256;
// By so much a wait group changes at once at most: it is so many events.
constexpr uint64_t kMostChange = 1 << 16;

class EventMaker {
 public:
  EventMaker(const ProcessModel& process, LearnedTrace& learned, NumbersOf numbers, EventIndex most_events,
             EventSink& sink)
      : process_(process),
        learned_(learned),
        reuses_(numbers == NumbersOf::kWhatIsThere),
        most_events_(most_events),
        sink_(sink) {}

  absl::StatusOr<RecordedProgram> Run() {
    if (reuses_) {
      learned_.memory.RewindToReuse(
          [this](uint32_t first, uint32_t count) { sink_.OnVariablesGone(first, count); });
    } else {
      learned_.memory.Rewind();
    }
    program_.callers.push_back({0, 0});
    std::vector<std::string> told_already;
    MergeTrace(
        process_.trace_blocks, [this](uint32_t stream, const TraceWords& event) { Add(stream, event); },
        told_already);
    program_.task_ids = pass_.tasks.ids();
    CutOff();
    if (is_too_long_) {
      return absl::ResourceExhaustedError(
          most_events_ == kMostEvents ? "the trace has more than four billion events"
                                      : absl::StrCat("the trace has more than ", most_events_, " events"));
    }
    program_.task_names.resize(program_.task_ids.size());
    for (std::string& name : program_.task_names) name = ToUtf8(name);
    program_.has_accesses = learned_.has_accesses;
    program_.recorded_events = learned_.recorded_events;
    program_.lost_events = learned_.lost_events;
    return std::move(program_);
  }

 private:
  struct Semaphore {
    std::deque<uint32_t> posts;  // syncs, of the last ones that were posted
    uint64_t posted = 0;
    uint64_t waits = 0;
  };

  void Add(uint32_t stream, const TraceWords& event) {
    const uint32_t task = pass_.tasks.Running(stream);
    switch (event.op()) {
      case Op::kRead:
      case Op::kWrite:
        AddAccess(task, event, event.argument(), event.op() == Op::kWrite);
        break;
      case Op::kReadRange:
      case Op::kWriteRange:
        AddAccess(task, event, std::min(event.third, kMostRangeBytes), event.op() == Op::kWriteRange);
        break;
      case Op::kEnter:
        StackOf(task).push_back(CallerAt(StackOf(task).empty() ? 0 : StackOf(task).back(), event.operand()));
        break;
      case Op::kExit:
        if (StackOf(task).size() > event.operand()) StackOf(task).resize(event.operand());
        break;
      case Op::kNoFrames:
        StackOf(task).clear();
        break;
      case Op::kHook:
      case Op::kLockTaken:
      case Op::kLockGiven:
        AddHook(task, event);
        break;
      case Op::kHookBegun:
        AddHookBegun(task, event);
        break;
      case Op::kHookLeft:
        AddSync(task, TraceOp::kAwait, ObjectSync(event.operand()), event.third);
        break;
      case Op::kRequest:
        AddRequest(task, event);
        break;
      case Op::kRelease:
        AddSync(task, event.argument() == trace::kOrderOnly ? TraceOp::kProvide : TraceOp::kSignal,
                AddressSync(event.operand()), 0);
        break;
      case Op::kAcquire:
        AddSync(task, event.argument() == trace::kOrderOnly ? TraceOp::kDepend : TraceOp::kAwait,
                AddressSync(event.operand()), 0);
        break;
      case Op::kForget:
        ForgetAddress(event.operand());
        break;
      case Op::kNewMemory:
      case Op::kBegin:
        learned_.memory.Renew(event.operand(), event.third);
        break;
      case Op::kFiberCreate:
        AddFork(task, pass_.tasks.OfFiber(event.operand()), 0);
        break;
      case Op::kThreadMemory:
        learned_.memory.Leave(event.operand(), std::min(event.third, kMostRangeBytes));
        break;
      case Op::kFiberSwitch:
        pass_.tasks.Switch(stream, event.operand());
        sink_.OnTime(pass_.tasks.Running(stream), now_ns_[stream]);
        break;
      case Op::kFiberName:
        pass_.tasks.Name(event.operand(), event.second);
        break;
      case Op::kFiberText:
        AddText(pass_.tasks.OfFiber(event.operand()), event);
        break;
      case Op::kPoint:
        sink_.OnPoint(task);
        break;
      case Op::kChannel:
        if (const auto op = OpOfChannelStep(event.argument()); op.has_value())
          AddEvent(task, *op, ChannelOf(event.operand()), event.second);
        break;
      case Op::kChannelMade:
        AddChannel(task, event);
        break;
      case Op::kGroup:
        AddChange(task, event);
        break;
      case Op::kFiberEnd:
      case Op::kEnd:
        ended_.Add(event.op() == Op::kEnd ? task : pass_.tasks.OfFiber(event.operand()));
        break;
      case Op::kNow:
        sink_.OnTime(task, now_ns_[stream] = event.operand());
        break;
      case Op::kTime:
      case Op::kLost:
      case Op::kWait:
      case Op::kWaitEnd:
      case Op::kPark:
      case Op::kReady:
      case Op::kMachine:
      case Op::kNone:
        break;
    }
  }

  void AddChannel(uint32_t task, const TraceWords& event) {
    const uint32_t location = LocationOf(event.second);
    if (!reuses_) {
      ThingTable::Thing& channel = program_.channel_table.Make(event.operand());
      channel.capacity = event.third;
      channel.made_at = location;
      channel.made_by = StackOf(task).empty() ? 0 : StackOf(task).back();
    }
    // Of older recorders not all is told that may be done to it.
    if (event.argument() != 0)
      AddEventAt(task, TraceOp::kMade, ChannelOf(event.operand()), CapacityLocation(event.third));
  }

  void AddChange(uint32_t task, const TraceWords& event) {
    const auto change = ChangeOf(event);
    if (!change.has_value()) return;
    const uint32_t group = program_.group_table.At(event.operand());
    program_.group_table[group].is_cut |= change->times > kMostChange;
    if (program_.group_table[group].is_cut) return;
    for (uint64_t i = 0; i < change->times; ++i) AddEvent(task, change->op, group, event.second);
  }

  void AddText(uint32_t task, const TraceWords& event) {
    if (task >= program_.task_names.size()) program_.task_names.resize(task + 1);
    std::string& name = program_.task_names[task];
    for (const uint64_t part : {event.second, event.third}) {
      char bytes[sizeof(part)];
      std::memcpy(bytes, &part, sizeof(part));
      if (name.size() < kMostNameBytes) name.append(bytes, strnlen(bytes, sizeof(bytes)));
    }
  }

  void AddHook(uint32_t task, const TraceWords& event) {
    if (pass_.joined.Has(task)) return Strange();
    const auto kind = static_cast<EventKind>(event.argument());
    const auto object = static_cast<uint32_t>(event.operand());
    if (const LockUse use = LockUseOf(event); use != LockUse::kNone) return AddLockUse(task, event, use);
    switch (kind) {
      case EventKind::kBarrier:
        return AddSync(task, TraceOp::kSignal, ObjectSync(object), event.third);
      case EventKind::kOnce:
        return AddSync(task, TraceOp::kAwait, ObjectSync(object), event.third);
      case EventKind::kWaitDone:
        return AddSync(task, TraceOp::kDepend, ObjectSync(object), event.third);
      case EventKind::kPost:
        return AddPost(task, object, event.third);
      case EventKind::kAcquire:
        return AddSemaphoreWait(task, object, event.third);
      case EventKind::kJoin:
        return AddJoin(task, pass_.tasks.OfThread(object), event.third);
      default:
        return;  // orders nothing, or was told before
    }
  }

  void AddHookBegun(uint32_t task, const TraceWords& event) {
    const auto object = static_cast<uint32_t>(event.operand());
    switch (static_cast<EventKind>(event.argument())) {
      case EventKind::kCreate:
        return AddFork(task, pass_.tasks.OfThread(object), event.third);
      case EventKind::kOnce:
        return AddSync(task, TraceOp::kSignal, ObjectSync(object), event.third);
      default:
        return AddSync(task, TraceOp::kProvide, ObjectSync(object), event.third);  // of a condition
    }
  }

  void AddLockUse(uint32_t task, const TraceWords& event, LockUse use) {
    if (pass_.joined.Has(task)) return Strange();
    const LockKey lock = LockKeyOf(event);
    const LockUse how = pass_.locks[lock].Use(task, use);
    if (learned_.broken_locks.contains(lock)) {
      const bool gives = use == LockUse::kGive;
      return AddSync(task, gives ? TraceOp::kSignal : TraceOp::kAwait, ObjectSync(lock), event.third);
    }
    TraceOp op = TraceOp::kAcquire;
    if (use == LockUse::kTry) op = TraceOp::kTryAcquire;
    if (use == LockUse::kRead) op = TraceOp::kAcquireRead;
    if (use == LockUse::kGive) op = how == LockUse::kRead ? TraceOp::kReleaseRead : TraceOp::kRelease;
    const uint32_t number = LockOf(lock);
    program_.locks[number].is_read |= op == TraceOp::kAcquireRead;
    AddEvent(task, op, number, event.third);
  }

  void AddRequest(uint32_t task, const TraceWords& event) {
    const LockKey lock = LockKeyOf(event);
    if (learned_.broken_locks.contains(lock) || event.argument() == trace::kReadMode) return;
    AddEvent(task, TraceOp::kRequest, LockOf(lock), event.third);
  }

  void AddFork(uint32_t task, uint32_t child, uint64_t site) {
    if (child == task || pass_.joined.Has(task) || pass_.joined.Has(child) || !has_begun_.Add(child)) {
      return Strange();
    }
    AddEvent(task, TraceOp::kFork, child, site);
  }

  void AddJoin(uint32_t task, uint32_t child, uint64_t site) {
    if (!pass_.Join(task, child)) return Strange();
    AddEvent(task, TraceOp::kJoin, child, site);
  }

  // The n-th wait has what the n-th post gave, not counting those that the semaphore had from the start.
  void AddPost(uint32_t task, uint32_t object, uint64_t site) {
    Semaphore& semaphore = semaphores_[object];
    AddSync(task, TraceOp::kProvide, ObjectSync(object), site);
    const uint32_t sync = NewSync({SyncName::kPost, object, ++semaphore.posted});
    semaphore.posts.push_back(sync);
    AddSync(task, TraceOp::kSignal, sync, site);
  }

  void AddSemaphoreWait(uint32_t task, uint32_t object, uint64_t site) {
    Semaphore& semaphore = semaphores_[object];
    const wire::Object* known = process_.FindObject(object);
    const uint64_t at_start = known == nullptr ? 0 : known->value();
    AddSync(task, TraceOp::kDepend, ObjectSync(object), site);
    const uint64_t number = ++semaphore.waits;
    if (number <= at_start || number - at_start > semaphore.posted) return;
    // Those before it were for waits that had no post yet.
    while (semaphore.posted - semaphore.posts.size() + 1 < number - at_start) PopPost(semaphore);
    AddSync(task, TraceOp::kAwait, semaphore.posts.front(), site);
    PopPost(semaphore);
  }

  void PopPost(Semaphore& semaphore) {
    ForgetSync(semaphore.posts.front());
    semaphore.posts.pop_front();
  }

  void AddAccess(uint32_t task, const TraceWords& event, uint64_t bytes, bool writes) {
    learned_.memory.Access(event.operand(), bytes, [&](uint32_t variable) {
      AddEvent(task, writes ? TraceOp::kWrite : TraceOp::kRead, variable, event.second);
    });
  }

  void AddSync(uint32_t task, TraceOp op, uint32_t sync, uint64_t site) { AddEvent(task, op, sync, site); }

  void AddEvent(uint32_t task, TraceOp op, uint32_t operand, uint64_t site) {
    AddEventAt(task, op, operand, LocationOf(site));
  }

  void AddEventAt(uint32_t task, TraceOp op, uint32_t operand, uint32_t location) {
    if (pass_.joined.Has(task)) return Strange();
    has_begun_.Add(task);
    if (IsOfChannel(op)) uses_channels_.Add(task);
    if (events_ == most_events_) {
      is_too_long_ = true;
      return;
    }
    ++events_;
    const std::vector<uint32_t>& stack = StackOf(task);
    sink_.OnEvent({task, operand, location, op}, stack.empty() ? 0 : stack.back());
  }

  // Tasks that may have gone on to do something to channels.
  void CutOff() {
    for (uint32_t task = 0; task < program_.task_ids.size() && !uses_channels_.IsEmpty(); ++task) {
      const bool is_meant = program_.task_ids[task] >= box::kFirstGoroutine || uses_channels_.Has(task);
      if (is_meant && !ended_.Has(task) && !pass_.joined.Has(task)) AddEvent(task, TraceOp::kCut, 0, 0);
    }
  }

  void Strange() { ++program_.strange_events; }

  std::vector<uint32_t>& StackOf(uint32_t task) {
    if (task >= stacks_.size()) stacks_.resize(task + 1);
    return stacks_[task];
  }

  uint32_t CallerAt(uint32_t parent, uint64_t address) {
    const auto [it, is_new] =
        callers_.try_emplace({parent, address}, static_cast<uint32_t>(program_.callers.size()));
    if (is_new) program_.callers.push_back({address, parent});
    return it->second;
  }

  uint32_t LocationOf(uint64_t site) {
    if (site == last_site_ && !program_.places.empty()) return last_location_;
    const auto [it, is_new] = locations_.try_emplace(site, static_cast<uint32_t>(program_.places.size()));
    if (is_new) {
      const bool is_stack = (site & box::kSiteIsStack) != 0;
      program_.places.push_back(is_stack ? 0 : site);
      program_.place_stacks.push_back(is_stack ? static_cast<uint32_t>(site & ~box::kSiteIsStack) : 0);
    }
    last_site_ = site;
    return last_location_ = it->second;
  }

  uint32_t ChannelOf(uint64_t address) { return reuses_ ? 0 : program_.channel_table.At(address); }

  uint32_t CapacityLocation(uint64_t capacity) {
    const auto [it, is_new] = capacities_.try_emplace(capacity, static_cast<uint32_t>(program_.places.size()));
    if (is_new) {
      program_.places.push_back(0);
      program_.place_stacks.push_back(0);
      program_.capacities.emplace_back(it->second, capacity);
    }
    return it->second;
  }

  uint32_t LockOf(LockKey lock) {
    const auto [it, is_new] = lock_numbers_.try_emplace(lock, static_cast<uint32_t>(program_.locks.size()));
    if (!is_new) return it->second;
    const bool has_address = (lock & kByAddress) != 0;
    const wire::Object* known =
        has_address ? ObjectAt(lock & ~kByAddress) : process_.FindObject(static_cast<uint32_t>(lock));
    const uint32_t object = known != nullptr ? known->id() : has_address ? 0 : static_cast<uint32_t>(lock);
    program_.locks.push_back({object, has_address ? lock & ~kByAddress : 0, false});
    return it->second;
  }

  // The newest lock there that the agent has heard of.
  const wire::Object* ObjectAt(uint64_t address) const {
    for (auto object = process_.objects.rbegin(); object != process_.objects.rend(); ++object) {
      const bool is_lock = object->kind() == "mutex" || object->kind() == "rwlock";
      if (object->address() == address && is_lock) return &*object;
    }
    return nullptr;
  }

  uint32_t NewSync(const SyncName& name) {
    if (!free_syncs_.empty()) {
      const uint32_t sync = free_syncs_.back();
      free_syncs_.pop_back();
      return sync;
    }
    sink_.OnSync(name);
    return syncs_++;
  }

  // Nobody will use it any more.
  void ForgetSync(uint32_t sync) {
    if (!reuses_) return;
    sink_.OnSyncGone(sync);
    free_syncs_.push_back(sync);
  }

  void ForgetAddress(uint64_t address) {
    const auto known = address_syncs_.find(address);
    if (known == address_syncs_.end()) return;
    ForgetSync(known->second);
    address_syncs_.erase(known);
  }

  uint32_t ObjectSync(uint64_t object) {
    const auto [it, is_new] = object_syncs_.try_emplace(object, 0);
    if (is_new) it->second = NewSync({SyncName::kObject, object & ~kByAddress});
    return it->second;
  }

  uint32_t AddressSync(uint64_t address) {
    const auto [it, is_new] = address_syncs_.try_emplace(address, 0);
    if (is_new) it->second = NewSync({SyncName::kAddress, address});
    return it->second;
  }

  const ProcessModel& process_;
  LearnedTrace& learned_;
  const bool reuses_;
  const EventIndex most_events_;
  EventSink& sink_;
  RecordedProgram program_;
  EventIndex events_ = 0;
  bool is_too_long_ = false;
  TracePass pass_;
  TaskSet has_begun_, ended_, uses_channels_;
  absl::flat_hash_map<uint32_t, uint64_t> now_ns_;  // by stream
  std::vector<std::vector<uint32_t>> stacks_;       // by task: callers, outermost first
  absl::flat_hash_map<std::pair<uint32_t, uint64_t>, uint32_t> callers_;
  absl::flat_hash_map<uint64_t, uint32_t> locations_, capacities_;
  uint64_t last_site_ = UINT64_MAX;
  uint32_t last_location_ = 0;
  absl::flat_hash_map<LockKey, uint32_t> lock_numbers_;
  absl::flat_hash_map<uint64_t, uint32_t> object_syncs_, address_syncs_;
  uint32_t syncs_ = 0;
  std::vector<uint32_t> free_syncs_;
  absl::flat_hash_map<uint32_t, Semaphore> semaphores_;
};

}  // namespace

absl::StatusOr<RecordedProgram> MakeEvents(const ProcessModel& process, LearnedTrace& learned,
                                           NumbersOf numbers, EventIndex most_events, EventSink& sink) {
  return EventMaker(process, learned, numbers, most_events, sink).Run();
}

}  // namespace stray::analyzer
