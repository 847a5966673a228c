// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/trace_timeline.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "agent/wire/goroutine_records.h"
#include "analyzer/load/trace_locks.h"
#include "analyzer/load/trace_merge.h"
#include "analyzer/load/trace_values.h"
#include "analyzer/load/utf8.h"

namespace stray::analyzer {
namespace {

using box::EventKind;
using trace::Op;

constexpr uint32_t kNobody = UINT32_MAX;
constexpr size_t kMostNameBytes = 256;

bool IsJoin(uint16_t reason) {
  return reason == static_cast<uint16_t>(box::WaitReason::kJoin) ||
         reason == static_cast<uint16_t>(box::WaitReason::kThrdJoin);
}

bool IsOnce(uint16_t reason) {
  return reason == static_cast<uint16_t>(box::WaitReason::kOnce) ||
         reason == static_cast<uint16_t>(box::WaitReason::kCallOnce);
}

// The ids of stacks for places in the program.
class SiteStacks {
 public:
  explicit SiteStacks(ProcessModel& process) : process_(process) {
    for (const wire::Stack& stack : process.stacks) next_ = std::max(next_, stack.id() + 1);
  }

  uint32_t Of(uint64_t site) {
    if ((site & box::kSiteIsStack) != 0) return static_cast<uint32_t>(site & ~box::kSiteIsStack);
    if (site == 0) return 0;
    const auto [it, is_new] = stacks_.try_emplace(site, next_);
    if (is_new) {
      wire::Stack& stack = process_.stacks.emplace_back();
      stack.set_id(next_++);
      stack.add_addresses(site);
    }
    return it->second;
  }

 private:
  ProcessModel& process_;
  uint32_t next_ = 1;
  absl::flat_hash_map<uint64_t, uint32_t> stacks_;
};

// The objects of the model by address, the newest of those that have lain there.
class ObjectsByAddress {
 public:
  explicit ObjectsByAddress(const ProcessModel& process) {
    for (const wire::Object& object : process.objects) {
      if (object.address() != 0) objects_[object.address() & trace::kOperandMask] = object.id();
    }
  }
  uint32_t At(uint64_t address) const {
    const auto found = objects_.find(address);
    return found == objects_.end() ? 0 : found->second;
  }

 private:
  absl::flat_hash_map<uint64_t, uint32_t> objects_;
};

// Follows each thread's stream, and who runs there.
//
// The runtime also switches to the fiber of a task that stands still, to tell an edge in its place, and back
// at once. Such a guest has not been made ready; it becomes who runs when it does something that only it can.
class TimelineReader {
 public:
  TimelineReader(ProcessModel& process, const TimelineLimits& limits)
      : process_(process), limits_(limits), stacks_(process), objects_(process) {}

  void Add(uint32_t stream, const TraceWords& event) {
    Stream& on = streams_[stream];
    switch (event.op()) {
      case Op::kNow:
        on.now_ns = std::max(on.now_ns, event.operand());
        timeline_.end_ns = std::max(timeline_.end_ns, on.now_ns);
        break;
      case Op::kBegin:
        on.thread = on.current = LifeOfThread(stream, on.now_ns);
        break;
      case Op::kFiberName:
        CreateGoroutine(on, event);
        break;
      case Op::kFiberText:
        AddName(event);
        break;
      case Op::kFiberSwitch:
        Switch(on, event.operand());
        break;
      case Op::kFiberEnd:
        EndFiber(on, event.operand());
        break;
      case Op::kEnd:
        if (on.thread != kNobody) EndThread(on);
        break;
      case Op::kWait:
        Wait(on, event, static_cast<uint32_t>(event.operand()));
        break;
      case Op::kPark:
        Wait(on, event, objects_.At(event.operand()));
        break;
      case Op::kWaitEnd:
        EndWait(on);
        break;
      case Op::kReady:
        Ready(on, event.operand());
        break;
      case Op::kMachine:
        if (on.thread != kNobody) machines_.insert(on.thread);
        break;
      case Op::kPoint:
        Promote(on);
        break;
      case Op::kChannelMade:
        if (event.third != 0) values_.Make(event.operand(), event.third);
        break;
      case Op::kLost:
        values_.Forget();
        break;
      case Op::kRelease:
        if (event.argument() == trace::kOrderOnly) PassValue(on, event.operand());
        break;
      case Op::kHook:
      case Op::kHookBegun:
        Hook(on, event);
        break;
      default:
        break;
    }
    if (++since_check_ >= kCheckEvery) Shrink();
  }

  Timeline Finish() {
    FindEnd();
    DropMachines();
    Coarsen(timeline_, limits_.spans, limits_.arrows);
    return std::move(timeline_);
  }

 private:
  static constexpr size_t kCheckEvery = 1 << 20;

  struct Stream {
    uint64_t now_ns = 0;
    uint32_t thread = kNobody;   // lives
    uint32_t current = kNobody;  // who runs there
    uint32_t guest = kNobody;    // see above
    uint64_t guest_since_ns = 0;
  };

  // What a life is doing, since when.
  struct Doing {
    ActivitySpan span;
    uint32_t joins = 0;  // the task that it waits for
    bool is_ready = false;
  };

  struct Gift {
    uint32_t from;
    uint64_t time_ns;
    ArrowKind kind;
  };

  TaskLife& Of(uint32_t life) { return timeline_.lives[life]; }

  uint32_t AddLife(uint32_t task, bool is_thread, uint64_t begin_ns, Activity state) {
    TaskLife& life = timeline_.lives.emplace_back();
    life.task = task;
    life.is_thread = is_thread;
    life.begin_ns = begin_ns;
    doing_.push_back({.span = {.begin_ns = begin_ns, .state = state}});
    return static_cast<uint32_t>(timeline_.lives.size() - 1);
  }

  uint32_t LifeOfThread(uint32_t serial, uint64_t now_ns) {
    const auto [it, is_new] = threads_.try_emplace(serial, 0);
    if (!is_new) return it->second;
    it->second = AddLife(serial, true, now_ns, Activity::kRunning);
    if (const auto gift = creations_.find(serial); gift != creations_.end())
      Arrow(gift->second, it->second, now_ns);
    return it->second;
  }

  void CreateGoroutine(Stream& on, const TraceWords& event) {
    Promote(on);
    const uint64_t fiber = event.operand();
    const auto task = static_cast<uint32_t>(box::kFirstGoroutine + event.second);
    const uint32_t life = AddLife(task, false, on.now_ns, Activity::kRunnable);
    doing_[life].is_ready = true;
    fibers_[fiber] = life;
    goroutines_[event.second & trace::kOperandMask] = life;
    if (on.current != kNobody) Arrow({on.current, on.now_ns, ArrowKind::kCreates}, life, on.now_ns);
  }

  void AddName(const TraceWords& event) {
    const auto found = fibers_.find(event.operand());
    if (found == fibers_.end()) return;
    std::string& name = Of(found->second).name;
    for (const uint64_t part : {event.second, event.third}) {
      char bytes[sizeof(part)];
      std::memcpy(bytes, &part, sizeof(part));
      if (name.size() < kMostNameBytes) name.append(bytes, strnlen(bytes, sizeof(bytes)));
    }
  }

  // From now on `life` does this; nothing, once it has ended.
  void Do(uint32_t life, uint64_t now_ns, Activity state) {
    if (Of(life).has_ended) return;
    Doing& doing = doing_[life];
    doing.span.end_ns = std::max(doing.span.begin_ns, now_ns);
    std::vector<ActivitySpan>& spans = Of(life).spans;
    const bool goes_on = !spans.empty() && doing.span.state != Activity::kWaiting &&
                         spans.back().state == doing.span.state && spans.back().end_ns == doing.span.begin_ns;
    if (goes_on) {  // what was between them was over at once
      spans.back().end_ns = doing.span.end_ns;
    } else if (doing.span.end_ns > doing.span.begin_ns) {
      spans.push_back(doing.span);
    }
    doing.span = {.begin_ns = doing.span.end_ns, .state = state};
    doing.is_ready = false;
    doing.joins = 0;
  }

  void Switch(Stream& on, uint64_t fiber) {
    uint32_t next = on.thread;
    if (fiber != 0) {
      const auto found = fibers_.find(fiber);
      if (found == fibers_.end()) return;  // of the runtime itself
      next = found->second;
    }
    on.guest = kNobody;
    if (next == on.current || next == kNobody) return;
    const Doing& doing = doing_[next];
    if (doing.span.state == Activity::kWaiting && !doing.is_ready && next != on.thread) {
      on.guest = next;
      on.guest_since_ns = on.now_ns;
      return;
    }
    Enter(on, next, on.now_ns);
  }

  void Enter(Stream& on, uint32_t next, uint64_t now_ns) {
    if (on.current != kNobody && doing_[on.current].span.state == Activity::kRunning)
      Do(on.current, now_ns, Activity::kRunnable);
    Do(next, now_ns, Activity::kRunning);
    on.current = next;
  }

  void Promote(Stream& on) {
    if (on.guest != kNobody) Enter(on, on.guest, on.guest_since_ns);
    on.guest = kNobody;
  }

  // It was left for good: the time since then is no part of its life.
  void EndFiber(const Stream& on, uint64_t fiber) {
    const auto found = fibers_.find(fiber);
    if (found == fibers_.end()) return;
    TaskLife& life = Of(found->second);
    Doing& doing = doing_[found->second];
    if (doing.span.state == Activity::kRunning) Do(found->second, on.now_ns, Activity::kRunnable);
    life.end_ns = doing.span.begin_ns;
    life.has_ended = true;
    fibers_.erase(found);
  }

  void EndThread(Stream& on) {
    TaskLife& life = Of(on.thread);
    if (life.has_ended) return;
    Do(on.thread, on.now_ns, Activity::kRunning);
    life.end_ns = std::max(life.begin_ns, on.now_ns);
    life.has_ended = true;
  }

  void Wait(Stream& on, const TraceWords& event, uint32_t object) {
    Promote(on);
    if (on.current == kNobody) return;
    Do(on.current, on.now_ns, Activity::kWaiting);
    Doing& doing = doing_[on.current];
    doing.span.wait_reason = event.argument();
    doing.span.stack = stacks_.Of(event.third);
    (IsJoin(event.argument()) ? doing.joins : doing.span.object) = object;
  }

  void EndWait(Stream& on) {
    Promote(on);
    if (on.current == kNobody) return;
    const Doing was = doing_[on.current];
    if (was.span.state != Activity::kWaiting) return;
    Do(on.current, on.now_ns, Activity::kRunning);
    if (const auto ended = threads_.find(was.joins); was.joins != 0 && ended != threads_.end()) {
      Arrow({ended->second, on.now_ns, ArrowKind::kWakes}, on.current, on.now_ns);
    } else if (const auto gift = gifts_.find(was.span.object); was.span.object != 0 && gift != gifts_.end()) {
      if (gift->second.time_ns >= was.span.begin_ns) Arrow(gift->second, on.current, on.now_ns);
    }
  }

  void Ready(Stream& on, uint64_t goroutine) {
    const auto found = goroutines_.find(goroutine);
    if (found == goroutines_.end()) return;
    if (doing_[found->second].span.state == Activity::kWaiting)
      Do(found->second, on.now_ns, Activity::kRunnable);
    doing_[found->second].is_ready = true;
    if (on.current != kNobody) Arrow({on.current, on.now_ns, ArrowKind::kWakes}, found->second, on.now_ns);
  }

  void Hook(Stream& on, const TraceWords& event) {
    Promote(on);
    if (on.current == kNobody) return;
    const auto object = static_cast<uint32_t>(event.operand());
    const auto kind = static_cast<EventKind>(event.argument());
    // Who runs the initializer itself does not wait for it.
    ActivitySpan& span = doing_[on.current].span;
    if (IsOnce(span.wait_reason)) span = {.begin_ns = span.begin_ns};
    if (event.op() == Op::kHookBegun && kind == EventKind::kCreate) {
      creations_[object] = {on.current, on.now_ns, ArrowKind::kCreates};
    } else if (LockUseOf(kind) == LockUse::kGive) {
      gifts_[object] = {on.current, on.now_ns, ArrowKind::kHandsOver};
    } else if (kind == EventKind::kPost || kind == EventKind::kSignal || kind == EventKind::kBroadcast ||
               kind == EventKind::kBarrier) {
      gifts_[object] = {on.current, on.now_ns, ArrowKind::kWakes};
    }
  }

  // Who waited for the value has been woken, too, and it was taken in its place: that is arrow enough.
  void PassValue(const Stream& on, uint64_t address) {
    const bool is_guest = on.guest != kNobody;
    const uint32_t life = is_guest ? on.guest : on.current;
    if (life == kNobody) return;
    const auto put = values_.Turn(address, {life, on.now_ns});
    if (put.has_value() && !is_guest) Arrow({put->by, put->time_ns, ArrowKind::kSends}, life, on.now_ns);
  }

  void Arrow(const Gift& gift, uint32_t to, uint64_t now_ns) {
    if (gift.from == to) return;
    if (timeline_.arrows.size() >= 2 * limits_.arrows) ThinArrows(timeline_, limits_.arrows);
    timeline_.arrows.push_back({gift.from, to, std::min(gift.time_ns, now_ns), now_ns, gift.kind});
  }

  // Keeps memory bounded while there is more to come. Lives stay, as they are referred to.
  void Shrink() {
    since_check_ = 0;
    if (timeline_.SpanCount() >= 2 * limits_.spans) JoinShortSpans(timeline_, limits_.spans);
  }

  // Tasks that have not ended go on to the last thing that is known of the process.
  void FindEnd() {
    if (const SnapshotModel* last = process_.LastSnapshot();
        last != nullptr && last->info.time_ns() > process_.process.start_ns()) {
      timeline_.end_ns = std::max(timeline_.end_ns, last->info.time_ns() - process_.process.start_ns());
    }
    for (size_t i = 0; i < timeline_.lives.size(); ++i) {
      TaskLife& life = timeline_.lives[i];
      if (!life.has_ended) {
        Do(static_cast<uint32_t>(i), timeline_.end_ns, Activity::kRunning);
        life.end_ns = std::max(life.begin_ns, timeline_.end_ns);
      }
      if (const wire::Task* task = process_.FindTask(life.task); task != nullptr && life.name.empty())
        life.name = task->name();
      life.name = ToUtf8(life.name);
    }
  }

  // Threads that run goroutines are no tasks of the program, nor are the agent's own, which the model does not
  // have, and which end with the process.
  void DropMachines() {
    std::vector<bool> is_dropped(timeline_.lives.size());
    for (const auto& [serial, life] : threads_)
      is_dropped[life] =
          machines_.contains(life) || (process_.FindTask(serial) == nullptr && !Of(life).has_ended);
    std::vector<uint32_t> now(timeline_.lives.size());
    size_t kept = 0;
    for (size_t i = 0; i < timeline_.lives.size(); ++i) {
      now[i] = static_cast<uint32_t>(kept);
      if (is_dropped[i]) continue;
      if (kept != i) timeline_.lives[kept] = std::move(timeline_.lives[i]);
      ++kept;
    }
    timeline_.lives.resize(kept);
    std::erase_if(timeline_.arrows, [&](LifeArrow& arrow) {
      if (is_dropped[arrow.from] || is_dropped[arrow.to]) return true;
      arrow.from = now[arrow.from];
      arrow.to = now[arrow.to];
      return false;
    });
  }

  ProcessModel& process_;
  const TimelineLimits limits_;
  SiteStacks stacks_;
  ObjectsByAddress objects_;
  Timeline timeline_;
  std::vector<Doing> doing_;  // by life
  absl::flat_hash_map<uint32_t, Stream> streams_;
  absl::flat_hash_map<uint32_t, uint32_t> threads_;     // lives, by serial
  absl::flat_hash_map<uint64_t, uint32_t> fibers_;      // lives
  absl::flat_hash_map<uint64_t, uint32_t> goroutines_;  // lives, by the runtime's number
  absl::flat_hash_set<uint32_t> machines_;              // lives
  absl::flat_hash_map<uint32_t, Gift> creations_;       // of threads
  absl::flat_hash_map<uint32_t, Gift> gifts_;           // by object: the last
  BufferedValues values_;                               // by life
  size_t since_check_ = 0;
};

}  // namespace

void AddTimeline(ProcessModel& process, const TimelineLimits& limits, std::vector<std::string>& damage) {
  if (process.trace_blocks.empty()) return;
  process.Index();
  TimelineReader reader(process, limits);
  MergeTrace(
      process.trace_blocks, [&](uint32_t stream, const TraceWords& event) { reader.Add(stream, event); },
      damage);
  process.timeline = reader.Finish();
  process.Index();
}

}  // namespace stray::analyzer
