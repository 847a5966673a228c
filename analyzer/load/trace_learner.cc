// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/trace_learner.h"

#include <algorithm>

#include "analyzer/load/trace_merge.h"
#include "analyzer/load/trace_tasks.h"

namespace stray::analyzer {
namespace {

using box::EventKind;
using trace::Op;

class Learner {
 public:
  Learner(const ProcessModel& process, std::vector<std::string>& damage) : process_(process), damage_(damage) {}

  LearnedTrace Run() {
    MergeTrace(
        process_.trace_blocks, [this](uint32_t stream, const TraceWords& event) { Learn(stream, event); },
        damage_);
    if (memory_.is_full())
      damage_.emplace_back("the trace has accesses to more than a GiB of memory; some are left out");
    memory_.Divide();
    return std::move(out_);
  }

 private:
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
    if (use == LockUse::kNone || pass_.joined.Has(task)) return;
    const LockKey lock = LockKeyOf(event);
    if (pass_.locks[lock].Use(task, use) == LockUse::kNone) broken_.insert(lock);
  }

  const ProcessModel& process_;
  std::vector<std::string>& damage_;
  LearnedTrace out_;
  TraceMemory& memory_ = out_.memory;
  absl::flat_hash_set<LockKey>& broken_ = out_.broken_locks;
  TracePass pass_;
};

}  // namespace

LearnedTrace LearnTrace(const ProcessModel& process, std::vector<std::string>& damage) {
  return Learner(process, damage).Run();
}

}  // namespace stray::analyzer
