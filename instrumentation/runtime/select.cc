// SPDX-License-Identifier: Apache-2.0
// select.cc: first each case is tried by itself, in random order, which needs one lock at a time. If none was
// ready, all channels are locked in the order of their addresses, tried again, and the task enters all queues.
// Whoever serves it first wins Task::selected; the other cases are taken out of their queues afterwards.
//
// Source: Go's runtime/select.go; there the first pass, too, is made with all channels locked. Without a
// default that makes no difference: a case is chosen because it is ready when it is looked at.
#include "stray/select.h"

#include <stdlib.h>

#include "instrumentation/runtime/channel.h"
#include "instrumentation/runtime/panic.h"
#include "instrumentation/runtime/release_clock.h"
#include "instrumentation/runtime/scheduler.h"
#include "instrumentation/runtime/timer_channel.h"
#include "instrumentation/tsan/channel_steps.h"
#include "stray/scheduling_point.h"

namespace stray::detail {

using runtime::Ready;
using runtime::Task;
using runtime::Waiter;
using runtime::WaitReason;

namespace {

constexpr size_t kMostCases = 65536, kFewCases = 16;

uint32_t Random() {
  // Of the processor, which only its own thread uses; threads that are none of ours share the address of their
  // stack.
  static thread_local uint64_t state = reinterpret_cast<uint64_t>(&state) | 1;
  runtime::Processor* processor = runtime::Self()->processor;
  uint64_t& x = processor != nullptr ? processor->random : state;
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  return static_cast<uint32_t>(x * 0x2545F4914F6CDD1Du >> 32);
}

// A number below `bound`.
uint32_t RandomBelow(uint32_t bound) { return static_cast<uint32_t>(uint64_t{Random()} * bound >> 32); }

// True if it is worth to take the lock.
bool MayBeReady(const SelectCase& one) {
  const Channel* channel = one.channel;
  if (channel->closed.load(std::memory_order_relaxed) != 0) return true;
  return one.sends ? !channel->receivers.IsEmpty() || !channel->IsFull()
                   : !channel->senders.IsEmpty() || channel->count.load(std::memory_order_relaxed) != 0 ||
                         (channel->fed_by_timer && channel->timer != nullptr);
}

void NoteUse(const SelectCase& one) {
  detail::NoteUse(one.channel, one.sends ? runtime_abi::kSends : runtime_abi::kReceives);
}

// With the lock of its channel held.
Step StepCase(const SelectCase& one) {
  if (one.sends && one.channel->closed.load(std::memory_order_relaxed) != 0)
    return {Outcome::kClosed, 0, nullptr};
  RunTimerIfDue(one.channel);
  const Step step = one.sends ? StepSend(one.channel, one.value) : StepReceive(one.channel, one.value);
  if (step.outcome != Outcome::kWouldWait) NoteUse(one);
  return step;
}

// One select on its way.
class Selection {
 public:
  Selection(SelectCase* cases, size_t count, const tsan::StepCaller& caller)
      : cases_(cases), count_(count), caller_(caller), orders_(few_orders_), waiters_(few_waiters_) {
    if (count > kMostCases) runtime::PanicWith("select: too many cases");
    if (count > kFewCases) {
      orders_ = static_cast<uint16_t*>(malloc(count * 2 * sizeof(uint16_t)));
      waiters_ = static_cast<Waiter*>(malloc(count * sizeof(Waiter)));
      if (orders_ == nullptr || waiters_ == nullptr) runtime::FatalNoMemory("the cases of a select");
    }
    Shuffle();
  }
  ~Selection() {
    if (orders_ == few_orders_) return;
    free(orders_);
    free(waiters_);
  }

  bool HasCases() const { return used_ != 0; }

  // What may be done: one case alone is what it does, or tries.
  void TellBegun(bool has_default) const {
    using tsan::ChannelStep;
    if (!tsan::HasTsan()) [[likely]]
      return;
    for (size_t i = 0; i < used_; ++i) {
      const SelectCase& one = cases_[orders_[i]];
      ChannelStep step = one.sends ? ChannelStep::kSelectSend : ChannelStep::kSelectReceive;
      if (used_ == 1 && has_default) step = one.sends ? ChannelStep::kTrySend : ChannelStep::kTryReceive;
      if (used_ == 1 && !has_default) step = one.sends ? ChannelStep::kSend : ChannelStep::kReceive;
      tsan::TellStep(step, one.channel, caller_);
    }
  }

  void TellLeft() const { tsan::TellStep(tsan::ChannelStep::kLeft, cases_[orders_[0]].channel, caller_); }

  // The chosen case, or count_ if none is ready.
  size_t TryEach() {
    for (size_t i = 0; i < used_; ++i) {
      SelectCase& one = cases_[orders_[i]];
      if (!MayBeReady(one)) continue;
      one.channel->lock.Lock();
      const Step step = StepCase(one);
      one.channel->lock.Unlock();
      if (Finish(one, step)) return orders_[i];
    }
    return count_;
  }

  // The same at one instant; then waits, if `waits`.
  size_t TryAll(bool waits) {
    SortByAddress();
    LockAll();
    for (size_t i = 0; i < used_; ++i) {
      SelectCase& one = cases_[orders_[i]];
      const Step step = StepCase(one);
      if (step.outcome == Outcome::kWouldWait) continue;
      UnlockAll();
      Finish(one, step);
      return orders_[i];
    }
    if (waits) return Wait();
    UnlockAll();
    return count_;
  }

 private:
  // Fisher and Yates, of the cases whose channels are not nil.
  void Shuffle() {
    for (size_t i = 0; i < count_; ++i) {
      if (cases_[i].channel == nullptr) continue;
      const uint32_t j = RandomBelow(static_cast<uint32_t>(++used_));
      orders_[used_ - 1] = orders_[j];
      orders_[j] = static_cast<uint16_t>(i);
    }
  }

  uint16_t* by_address() { return orders_ + (orders_ == few_orders_ ? kFewCases : count_); }
  Channel* ChannelAt(size_t i) { return cases_[by_address()[i]].channel; }

  void SortByAddress() {
    uint16_t* sorted = by_address();
    for (size_t i = 0; i < used_; ++i) {
      size_t at = i;
      for (; at > 0 && cases_[sorted[at - 1]].channel > cases_[orders_[i]].channel; --at)
        sorted[at] = sorted[at - 1];
      sorted[at] = orders_[i];
    }
  }

  void LockAll() {
    for (size_t i = 0; i < used_; ++i) {
      if (i == 0 || ChannelAt(i) != ChannelAt(i - 1)) ChannelAt(i)->lock.Lock();
    }
  }
  void UnlockAll() {
    // Once one is unlocked, another task may run on and end us, and with us these cases: the channel of the
    // next is read first.
    Channel* next = ChannelAt(used_ - 1);
    for (size_t i = used_; i > 0; --i) {
      Channel* channel = next;
      if (i > 1) next = ChannelAt(i - 2);
      if (i == 1 || channel != next) channel->lock.Unlock();
    }
  }

  bool Finish(SelectCase& one, const Step& step) {
    if (step.outcome == Outcome::kWouldWait) return false;
    if (one.sends && step.outcome == Outcome::kClosed) PanicSendOnClosed(one.channel);
    one.outcome = step.outcome;
    TellDone(one);
    if (step.ready != nullptr) Ready(step.ready);
    runtime::NoteJoined(step.told_by);
    return true;
  }

  void TellDone(const SelectCase& one) const {
    const tsan::ChannelStep received =
        one.outcome == Outcome::kDone ? tsan::ChannelStep::kReceived : tsan::ChannelStep::kReceivedClosed;
    tsan::TellStep(one.sends ? tsan::ChannelStep::kSent : received, one.channel, caller_);
  }

  size_t Wait() {
    Task* task = runtime::CurrentTask();
    task->selected.store(0, std::memory_order_relaxed);
    task->fired = nullptr;
    uint32_t timer = 0;
    const runtime::ThreadStandIn stand_in(task);
    for (size_t i = 0; i < used_; ++i) {
      SelectCase& one = cases_[orders_[i]];
      Waiter* waiter = &waiters_[i];
      *waiter = {.task = task,
                 .value = one.value,
                 .object = one.channel,
                 .index = orders_[i],
                 .is_select = true,
                 .sends = one.sends};
      tsan::ReleaseAnew(waiter);
      (one.sends ? one.channel->senders : one.channel->receivers).Push(waiter);
      if (one.channel->fed_by_timer) {
        timer = bridge::kWaitsForTimer;
        StartTimerForWaiter(one.channel);
      }
    }
    task->record.flags |= timer;
    task->cases = waiters_;
    task->case_count = static_cast<uint32_t>(used_);
    runtime::ParkAfter(
        WaitReason::kRuntimeSelect, used_ == 1 ? ChannelAt(0) : nullptr,
        [](void* selection) { static_cast<Selection*>(selection)->UnlockAll(); }, this);
    task->record.flags &= ~timer;
    task->case_count = 0;
    Waiter* fired = task->fired;
    for (size_t i = 0; i < used_; ++i) {
      Waiter* waiter = &waiters_[i];
      if (waiter == fired) continue;
      SelectCase& one = cases_[waiter->index];
      runtime::WordGuard guard(one.channel->lock);
      (one.sends ? one.channel->senders : one.channel->receivers).Remove(waiter);
      if (one.channel->fed_by_timer) StopTimerIfNobodyWaits(one.channel);
    }
    tsan::Acquire(fired);
    runtime::NoteJoined(fired->told_by);
    SelectCase& one = cases_[fired->index];
    if (one.channel->is_watched) [[unlikely]] {
      runtime::WordGuard guard(one.channel->lock);
      NoteUse(one);
    }
    if (one.sends && !fired->served) PanicSendOnClosed(one.channel);
    one.outcome = fired->served ? Outcome::kDone : Outcome::kClosed;
    if (!fired->served) tsan::Acquire(one.channel);
    TellDone(one);
    return fired->index;
  }

  SelectCase* cases_;
  const size_t count_;
  const tsan::StepCaller caller_;
  size_t used_ = 0;
  uint16_t few_orders_[2 * kFewCases];  // random order, then order of addresses
  Waiter few_waiters_[kFewCases];
  uint16_t* orders_;
  Waiter* waiters_;
};

}  // namespace

size_t SelectFrom(SelectCase* cases, size_t count, bool has_default) {
  SchedulingPoint();
  const runtime::LearningScope learning;
  Selection selection(cases, count, STRAY_STEP_CALLER());
  if (!selection.HasCases()) {
    if (has_default) return count;
    runtime::ParkForEver(WaitReason::kSelectNoCases);
  }
  selection.TellBegun(has_default);
  size_t chosen = selection.TryEach();
  // One case alone cannot have become ready in between: it was looked at once.
  if (chosen == count && !(has_default && count == 1)) chosen = selection.TryAll(!has_default);
  if (chosen == count) selection.TellLeft();
  return chosen;
}

}  // namespace stray::detail
