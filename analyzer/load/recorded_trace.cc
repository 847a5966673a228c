// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/recorded_trace.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "agent/wire/goroutine_records.h"
#include "analyzer/load/trace_locks.h"
#include "analyzer/load/trace_merge.h"
#include "analyzer/load/trace_tasks.h"
#include "analyzer/load/utf8.h"

namespace stray::analyzer {
namespace {

using box::EventKind;
using trace::Op;

// What is longer is cut: no race is missed but one at the end of such a piece.
constexpr uint64_t kMostRangeBytes = 1 << 20;
constexpr size_t kMostNameBytes = 256;
// By so much a wait group changes at once at most: it is so many events.
constexpr uint64_t kMostChange = 1 << 16;

// As a name in a trace, which is one word.
std::string WordOf(std::string name) {
  for (char& c : name) {
    if (c == '|' || c == '(' || c == ')' || absl::ascii_isspace(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

class RecordedTraceReader {
 public:
  RecordedTraceReader(const ProcessModel& process, std::vector<std::string>& damage)
      : process_(process), damage_(damage) {}

  absl::StatusOr<RecordedTrace> Run() {
    MergeTrace(
        process_.trace_blocks, [this](uint32_t stream, const TraceWords& event) { Learn(stream, event); },
        damage_);
    if (memory_.is_full())
      damage_.emplace_back("the trace has accesses to more than a GiB of memory; some are left out");
    memory_.Divide();
    pass_ = {};
    out_.callers.push_back({0, 0});
    std::vector<std::string> told_already;
    MergeTrace(
        process_.trace_blocks, [this](uint32_t stream, const TraceWords& event) { Add(stream, event); },
        told_already);
    if (is_too_long_) return absl::ResourceExhaustedError("the trace has more than four billion events");
    Finish();
    return std::move(out_);
  }

 private:
  // First pass: how memory is divided, and which locks are none.
  void Learn(uint32_t stream, const TraceWords& event) {
    ++out_.recorded_events;
    out_.has_accesses |= event.op() == Op::kRead || event.op() == Op::kWrite;
    switch (event.op()) {
      case Op::kRead:
      case Op::kWrite:
        memory_.Learn(event.operand(), event.argument(), pass_.tasks.Running(stream), event.op() == Op::kWrite);
        break;
      case Op::kReadRange:
      case Op::kWriteRange:
        memory_.Learn(event.operand(), std::min(event.third, kMostRangeBytes), pass_.tasks.Running(stream),
                      event.op() == Op::kWriteRange);
        break;
      case Op::kNewMemory:
      case Op::kBegin:
        memory_.Renew(event.operand(), event.third);
        break;
      case Op::kThreadMemory:
        memory_.Leave(event.operand(), std::min(event.third, kMostRangeBytes));
        break;
      case Op::kFiberSwitch:
        pass_.tasks.Switch(stream, event.operand());
        break;
      case Op::kHook:
      case Op::kLockTaken:
      case Op::kLockGiven:
        LearnHook(pass_.tasks.Running(stream), event);
        break;
      case Op::kLost:
        out_.lost_events += event.operand();
        break;
      default:
        break;
    }
  }

  void LearnHook(uint32_t task, const TraceWords& event) {
    const bool is_join =
        event.op() == Op::kHook && static_cast<EventKind>(event.argument()) == EventKind::kJoin;
    if (is_join) pass_.Join(task, pass_.tasks.OfThread(static_cast<uint32_t>(event.operand())));
    const LockUse use = LockUseOf(event);
    if (use == LockUse::kNone || pass_.joined.contains(task)) return;
    const LockKey lock = LockKeyOf(event);
    if (pass_.locks[lock].Use(task, use) == LockUse::kNone) broken_.insert(lock);
  }

  // Second pass.
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
        address_syncs_.erase(event.operand());
        break;
      case Op::kNewMemory:
      case Op::kBegin:
        memory_.Renew(event.operand(), event.third);
        break;
      case Op::kFiberCreate:
        AddFork(task, pass_.tasks.OfFiber(event.operand()), 0);
        break;
      case Op::kThreadMemory:
        memory_.Leave(event.operand(), std::min(event.third, kMostRangeBytes));
        break;
      case Op::kFiberSwitch:
        pass_.tasks.Switch(stream, event.operand());
        break;
      case Op::kFiberName:
        pass_.tasks.Name(event.operand(), event.second);
        break;
      case Op::kFiberText:
        AddText(pass_.tasks.OfFiber(event.operand()), event);
        break;
      case Op::kPoint:
        if (task >= out_.points.size()) out_.points.resize(task + 1);
        out_.points[task].push_back(static_cast<EventIndex>(out_.trace.events.size()));
        break;
      case Op::kChannel:
        if (const auto op = OpOfChannelStep(event.argument()); op.has_value())
          AddEvent(task, *op, channels_.At(event.operand()), event.second);
        break;
      case Op::kChannelMade:
        AddChannel(task, event);
        break;
      case Op::kGroup:
        AddChange(task, event);
        break;
      case Op::kFiberEnd:
      case Op::kEnd:
        ended_.insert(event.op() == Op::kEnd ? task : pass_.tasks.OfFiber(event.operand()));
        break;
      case Op::kTime:
      case Op::kLost:
      case Op::kNow:
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
    ThingTable::Thing& channel = channels_.Make(event.operand());
    channel.capacity = event.third;
    channel.made_at = LocationOf(event.second);
    channel.made_by = StackOf(task).empty() ? 0 : StackOf(task).back();
    // Of older recorders not all is told that may be done to it.
    if (event.argument() == 0) return;
    std::vector<TraceEvent>& events = out_.trace.events;
    const size_t before = events.size();
    AddEvent(task, TraceOp::kMade, channels_.At(event.operand()), event.second);
    if (events.size() > before) events.back().location = CapacityLocation(event.third);
  }

  void AddChange(uint32_t task, const TraceWords& event) {
    const auto change = ChangeOf(event);
    if (!change.has_value()) return;
    const uint32_t group = groups_.At(event.operand());
    groups_[group].is_cut |= change->times > kMostChange;
    if (groups_[group].is_cut) return;
    for (uint64_t i = 0; i < change->times; ++i) AddEvent(task, change->op, group, event.second);
  }

  void AddText(uint32_t task, const TraceWords& event) {
    if (task >= out_.task_names.size()) out_.task_names.resize(task + 1);
    std::string& name = out_.task_names[task];
    for (const uint64_t part : {event.second, event.third}) {
      char bytes[sizeof(part)];
      std::memcpy(bytes, &part, sizeof(part));
      if (name.size() < kMostNameBytes) name.append(bytes, strnlen(bytes, sizeof(bytes)));
    }
  }

  void AddHook(uint32_t task, const TraceWords& event) {
    if (pass_.joined.contains(task)) return Strange();
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
    if (pass_.joined.contains(task)) return Strange();
    const LockKey lock = LockKeyOf(event);
    const LockUse how = pass_.locks[lock].Use(task, use);
    if (broken_.contains(lock)) {
      const bool gives = use == LockUse::kGive;
      return AddSync(task, gives ? TraceOp::kSignal : TraceOp::kAwait, ObjectSync(lock), event.third);
    }
    TraceOp op = TraceOp::kAcquire;
    if (use == LockUse::kTry) op = TraceOp::kTryAcquire;
    if (use == LockUse::kRead) op = TraceOp::kAcquireRead;
    if (use == LockUse::kGive) op = how == LockUse::kRead ? TraceOp::kReleaseRead : TraceOp::kRelease;
    const uint32_t number = LockOf(lock);
    out_.locks[number].is_read |= op == TraceOp::kAcquireRead;
    AddEvent(task, op, number, event.third);
  }

  void AddRequest(uint32_t task, const TraceWords& event) {
    const LockKey lock = LockKeyOf(event);
    if (broken_.contains(lock) || event.argument() == trace::kReadMode) return;
    AddEvent(task, TraceOp::kRequest, LockOf(lock), event.third);
  }

  void AddFork(uint32_t task, uint32_t child, uint64_t site) {
    if (child == task || pass_.joined.contains(task) || pass_.joined.contains(child) ||
        !has_begun_.insert(child).second) {
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
    const uint32_t sync = NewSync(absl::StrCat("semaphore", object, ".", semaphore.posts.size() + 1));
    semaphore.posts.push_back(sync);
    AddSync(task, TraceOp::kSignal, sync, site);
  }

  void AddSemaphoreWait(uint32_t task, uint32_t object, uint64_t site) {
    Semaphore& semaphore = semaphores_[object];
    const wire::Object* known = process_.FindObject(object);
    const uint64_t at_start = known == nullptr ? 0 : known->value();
    AddSync(task, TraceOp::kDepend, ObjectSync(object), site);
    const uint64_t number = ++semaphore.waits;
    if (number <= at_start) return;
    const uint64_t post = number - at_start;
    if (post <= semaphore.posts.size()) AddSync(task, TraceOp::kAwait, semaphore.posts[post - 1], site);
  }

  void AddAccess(uint32_t task, const TraceWords& event, uint64_t bytes, bool writes) {
    memory_.Access(event.operand(), bytes, [&](uint32_t variable) {
      AddEvent(task, writes ? TraceOp::kWrite : TraceOp::kRead, variable, event.second);
    });
  }

  void AddSync(uint32_t task, TraceOp op, uint32_t sync, uint64_t site) { AddEvent(task, op, sync, site); }

  void AddEvent(uint32_t task, TraceOp op, uint32_t operand, uint64_t site) {
    if (pass_.joined.contains(task)) return Strange();
    has_begun_.insert(task);
    if (out_.trace.events.size() >= kNoEvent - 1) {
      is_too_long_ = true;
      return;
    }
    const std::vector<uint32_t>& stack = StackOf(task);
    out_.trace.events.push_back({task, operand, LocationOf(site), op});
    out_.callers_of.push_back(stack.empty() ? 0 : stack.back());
  }

  void Strange() { ++out_.strange_events; }

  std::vector<uint32_t>& StackOf(uint32_t task) {
    if (task >= stacks_.size()) stacks_.resize(task + 1);
    return stacks_[task];
  }

  uint32_t CallerAt(uint32_t parent, uint64_t address) {
    const auto [it, is_new] =
        callers_.try_emplace({parent, address}, static_cast<uint32_t>(out_.callers.size()));
    if (is_new) out_.callers.push_back({address, parent});
    return it->second;
  }

  uint32_t LocationOf(uint64_t site) {
    if (site == last_site_ && !out_.places.empty()) return last_location_;
    const auto [it, is_new] = locations_.try_emplace(site, static_cast<uint32_t>(out_.places.size()));
    if (is_new) {
      const bool is_stack = (site & box::kSiteIsStack) != 0;
      out_.trace.locations.push_back(static_cast<int64_t>(out_.places.size()));
      out_.places.push_back(is_stack ? 0 : site);
      out_.place_stacks.push_back(is_stack ? static_cast<uint32_t>(site & ~box::kSiteIsStack) : 0);
    }
    last_site_ = site;
    return last_location_ = it->second;
  }

  // A place that is none, but the number that a kMade tells.
  uint32_t CapacityLocation(uint64_t capacity) {
    const auto [it, is_new] = capacities_.try_emplace(capacity, static_cast<uint32_t>(out_.places.size()));
    if (is_new) {
      out_.trace.locations.push_back(static_cast<int64_t>(std::min<uint64_t>(capacity, INT64_MAX)));
      out_.places.push_back(0);
      out_.place_stacks.push_back(0);
    }
    return it->second;
  }

  uint32_t LockOf(LockKey lock) {
    const auto [it, is_new] = lock_numbers_.try_emplace(lock, static_cast<uint32_t>(out_.locks.size()));
    if (!is_new) return it->second;
    const bool has_address = (lock & kByAddress) != 0;
    const wire::Object* known =
        has_address ? ObjectAt(lock & ~kByAddress) : process_.FindObject(static_cast<uint32_t>(lock));
    const uint32_t object = known != nullptr ? known->id() : has_address ? 0 : static_cast<uint32_t>(lock);
    out_.locks.push_back({object, has_address ? lock & ~kByAddress : 0, false});
    const bool has_name = known != nullptr && !known->name().empty();
    out_.trace.locks.push_back(has_name      ? WordOf(known->name())
                               : object != 0 ? absl::StrCat("M", object)
                                             : absl::StrFormat("0x%x", lock & ~kByAddress));
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

  uint32_t NewSync(std::string name) {
    out_.trace.syncs.push_back(std::move(name));
    return static_cast<uint32_t>(out_.trace.syncs.size() - 1);
  }

  uint32_t ObjectSync(uint64_t object) {
    const auto [it, is_new] = object_syncs_.try_emplace(object, 0);
    if (is_new) it->second = NewSync(absl::StrCat("object", object & ~kByAddress));
    return it->second;
  }

  uint32_t AddressSync(uint64_t address) {
    const auto [it, is_new] = address_syncs_.try_emplace(address, 0);
    if (is_new) it->second = NewSync(absl::StrFormat("0x%x", address));
    return it->second;
  }

  // Tasks that may have gone on to do something to channels.
  void CutOff() {
    absl::flat_hash_set<uint32_t> users;
    for (const TraceEvent& event : out_.trace.events) {
      if (IsOfChannel(event.op)) users.insert(event.task);
    }
    for (uint32_t task = 0; task < out_.task_ids.size() && !users.empty(); ++task) {
      const bool is_meant = out_.task_ids[task] >= box::kFirstGoroutine || users.contains(task);
      if (!is_meant || ended_.contains(task) || pass_.joined.contains(task)) continue;
      if (out_.trace.marks.empty()) out_.trace.marks.emplace_back("0");
      AddEvent(task, TraceOp::kCut, 0, 0);
    }
  }

  // What the trace is to call tasks and variables, and tasks that nobody has told of.
  void Finish() {
    out_.task_ids = pass_.tasks.ids();
    CutOff();
    out_.task_names.resize(out_.task_ids.size());
    out_.points.resize(out_.task_ids.size());
    for (std::string& name : out_.task_names) name = ToUtf8(name);
    for (const uint32_t id : out_.task_ids) {
      const bool is_goroutine = id >= box::kFirstGoroutine;
      const size_t number = out_.trace.tasks.size();
      out_.trace.tasks.push_back(is_goroutine ? absl::StrCat("G", id - box::kFirstGoroutine)
                                 : id != 0    ? absl::StrCat("T", id)
                                              : absl::StrCat("fiber", number));  // of the runtime itself
    }
    NameThings(process_, "channel", channels_, out_.channel_objects, out_.trace.channels);
    NameThings(process_, "wait group", groups_, out_.group_objects, out_.trace.groups);
    for (std::string& name : out_.trace.channels) name = WordOf(std::move(name));
    for (std::string& name : out_.trace.groups) name = WordOf(std::move(name));
    out_.channels = std::move(channels_.things());
    out_.groups = std::move(groups_.things());
    out_.variables = memory_.variables();
    out_.trace.variables.reserve(out_.variables.size());
    for (const TraceMemory::Variable& variable : out_.variables)
      out_.trace.variables.push_back(absl::StrFormat("0x%x", variable.address));
  }

  struct Semaphore {
    std::vector<uint32_t> posts;  // syncs
    uint64_t waits = 0;
  };

  const ProcessModel& process_;
  std::vector<std::string>& damage_;
  RecordedTrace out_;
  TraceMemory memory_;
  ThingTable channels_, groups_;
  TracePass pass_;
  bool is_too_long_ = false;
  absl::flat_hash_set<LockKey> broken_;  // locks that are none
  absl::flat_hash_set<uint32_t> has_begun_, ended_;
  std::vector<std::vector<uint32_t>> stacks_;  // by task: callers, outermost first
  absl::flat_hash_map<std::pair<uint32_t, uint64_t>, uint32_t> callers_;
  absl::flat_hash_map<uint64_t, uint32_t> locations_, capacities_;
  uint64_t last_site_ = UINT64_MAX;
  uint32_t last_location_ = 0;
  absl::flat_hash_map<LockKey, uint32_t> lock_numbers_;
  absl::flat_hash_map<uint64_t, uint32_t> object_syncs_, address_syncs_;
  absl::flat_hash_map<uint32_t, Semaphore> semaphores_;
};

}  // namespace

absl::StatusOr<RecordedTrace> ReadRecordedTrace(const ProcessModel& process, std::vector<std::string>& damage) {
  return RecordedTraceReader(process, damage).Run();
}

}  // namespace stray::analyzer
