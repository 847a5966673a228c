// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/channel.h"

#include "instrumentation/bridge/agent_link.h"
#include "instrumentation/runtime/names.h"
#include "instrumentation/runtime/panic.h"
#include "instrumentation/runtime/release_clock.h"
#include "instrumentation/runtime/scheduler.h"
#include "instrumentation/runtime/timer_channel.h"
#include "instrumentation/tsan/channel_steps.h"
#include "stray/scheduling_point.h"

namespace stray::detail {

using runtime::MisuseKind;
using runtime::PanicOver;
using runtime::PanicWith;
using runtime::Park;
using runtime::Ready;
using runtime::Task;
using runtime::Waiter;
using runtime::WaitReason;

namespace {

tsan::ChannelStep ReceivedStep(Outcome outcome) {
  return outcome == Outcome::kDone ? tsan::ChannelStep::kReceived : tsan::ChannelStep::kReceivedClosed;
}

// The task is queued, and the lock held. The waiter tells afterwards whether it was served.
void WaitServed(WaitReason reason, Channel* channel, Waiter* waiter) {
  Task* task = waiter->task;
  tsan::ReleaseAnew(waiter);
  const runtime::ThreadStandIn stand_in(task);
  if (channel->fed_by_timer && StartTimerForWaiter(channel)) [[unlikely]]
    task->record.flags |= bridge::kWaitsForTimer;
  Park(reason, channel, &channel->lock);
  task->record.flags &= ~uint32_t{bridge::kWaitsForTimer};
  tsan::Acquire(waiter);
}

}  // namespace

void PanicSendOnClosed(const Channel* channel) {
  PanicOver({MisuseKind::kSendOnClosed, "Chan::Send", WaitReason::kChanSend, channel},
            "send on closed channel");
}

[[gnu::noinline]] Channel* NewChannel(const ValueType& type, size_t capacity) {
  if (capacity != 0 && type.size * capacity / capacity != type.size) PanicWith("makechan: size out of range");
  const bool is_watched = bridge::AgentLink::Services() != nullptr;
  Channel* channel = is_watched ? new WatchedChannel : new Channel;
  channel->is_watched = is_watched;
  channel->type = type;
  channel->capacity = capacity;
  if (capacity != 0) {
    channel->buffer = static_cast<char*>(::operator new (type.size* capacity, std::align_val_t{type.align}));
  }
  channel->created_at = __builtin_return_address(0);
  const Task* task = runtime::Self()->task;
  channel->created_by = task == nullptr ? 0 : task->record.id.load(std::memory_order_relaxed);
  tsan::TellMade(channel, capacity, STRAY_STEP_CALLER());
  return channel;
}

void Retain(Channel* channel) noexcept { channel->references.fetch_add(1, std::memory_order_relaxed); }

void Release(Channel* channel) noexcept {
  tsan::Release(&channel->references);
  if (channel->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  tsan::Acquire(&channel->references);  // whoever had a handle is done with the channel
  // Nobody can be queued: each waiter's stack holds a handle.
  if (channel->type.destroy != nullptr) {
    for (size_t left = channel->count.load(); left > 0; --left) {
      tsan::Acquire(channel->Slot(channel->first));
      channel->type.destroy(channel->Slot(channel->first));
      if (++channel->first == channel->capacity) channel->first = 0;
    }
  }
  if (channel->buffer != nullptr) ::operator delete (channel->buffer, std::align_val_t{channel->type.align});
  if (channel->timer != nullptr) DeleteTimer(channel->timer);
  if (channel->is_watched) {
    delete static_cast<WatchedChannel*>(channel);
  } else {
    delete channel;
  }
}

void Send(Channel* channel, void* value) {
  SchedulingPoint();
  const runtime::LearningScope learning;
  if (channel == nullptr) runtime::ParkForEver(WaitReason::kChanSendNil);
  const tsan::StepCaller caller = STRAY_STEP_CALLER();
  tsan::TellStep(tsan::ChannelStep::kSend, channel, caller);
  channel->lock.Lock();
  if (channel->closed.load(std::memory_order_relaxed) != 0) [[unlikely]] {
    channel->lock.Unlock();
    PanicSendOnClosed(channel);
  }
  NoteUse(channel, runtime_abi::kSends);
  const Step step = StepSend(channel, value);
  if (step.outcome == Outcome::kDone) {
    channel->lock.Unlock();
    tsan::TellStep(tsan::ChannelStep::kSent, channel, caller);
    if (step.ready != nullptr) Ready(step.ready);
    return;
  }
  Waiter waiter{.task = runtime::CurrentTask(), .value = value};
  channel->senders.Push(&waiter);
  WaitServed(WaitReason::kChanSend, channel, &waiter);
  if (!waiter.served) [[unlikely]]
    PanicSendOnClosed(channel);
  tsan::TellStep(tsan::ChannelStep::kSent, channel, caller);
}

Outcome TrySend(Channel* channel, void* value) {
  SchedulingPoint();
  const runtime::LearningScope learning;
  if (channel == nullptr) return Outcome::kWouldWait;
  const tsan::StepCaller caller = STRAY_STEP_CALLER();
  tsan::TellStep(tsan::ChannelStep::kTrySend, channel, caller);
  channel->lock.Lock();
  if (channel->closed.load(std::memory_order_relaxed) != 0) [[unlikely]] {
    channel->lock.Unlock();
    PanicSendOnClosed(channel);
  }
  const Step step = StepSend(channel, value);
  if (step.outcome == Outcome::kDone) NoteUse(channel, runtime_abi::kSends);
  channel->lock.Unlock();
  tsan::TellStep(step.outcome == Outcome::kDone ? tsan::ChannelStep::kSent : tsan::ChannelStep::kLeft, channel,
                 caller);
  if (step.ready != nullptr) Ready(step.ready);
  return step.outcome;
}

Outcome Receive(Channel* channel, void* slot) {
  SchedulingPoint();
  const runtime::LearningScope learning;
  if (channel == nullptr) runtime::ParkForEver(WaitReason::kChanReceiveNil);
  const tsan::StepCaller caller = STRAY_STEP_CALLER();
  tsan::TellStep(tsan::ChannelStep::kReceive, channel, caller);
  channel->lock.Lock();
  RunTimerIfDue(channel);
  NoteUse(channel, runtime_abi::kReceives);
  const Step step = StepReceive(channel, slot);
  if (step.outcome != Outcome::kWouldWait) {
    channel->lock.Unlock();
    tsan::TellStep(ReceivedStep(step.outcome), channel, caller);
    if (step.ready != nullptr) Ready(step.ready);
    runtime::NoteJoined(step.told_by);
    return step.outcome;
  }
  Waiter waiter{.task = runtime::CurrentTask(), .value = slot};
  channel->receivers.Push(&waiter);
  WaitServed(WaitReason::kChanReceive, channel, &waiter);
  runtime::NoteJoined(waiter.told_by);
  const Outcome outcome = waiter.served ? Outcome::kDone : Outcome::kClosed;
  if (outcome == Outcome::kClosed) tsan::Acquire(channel);
  tsan::TellStep(ReceivedStep(outcome), channel, caller);
  return outcome;
}

Outcome TryReceive(Channel* channel, void* slot) {
  SchedulingPoint();
  const runtime::LearningScope learning;
  if (channel == nullptr) return Outcome::kWouldWait;
  const tsan::StepCaller caller = STRAY_STEP_CALLER();
  tsan::TellStep(tsan::ChannelStep::kTryReceive, channel, caller);
  // Nothing to be had: no need for the lock. Whoever makes it ready later may as well have come later.
  if (channel->count.load(std::memory_order_relaxed) == 0 && channel->capacity != 0 &&
      channel->closed.load(std::memory_order_acquire) == 0 && !channel->fed_by_timer) {
    TellCounted(channel);
    tsan::TellStep(tsan::ChannelStep::kLeft, channel, caller);
    return Outcome::kWouldWait;
  }
  channel->lock.Lock();
  RunTimerIfDue(channel);
  const Step step = StepReceive(channel, slot);
  if (step.outcome != Outcome::kWouldWait) NoteUse(channel, runtime_abi::kReceives);
  channel->lock.Unlock();
  tsan::TellStep(step.outcome != Outcome::kWouldWait ? ReceivedStep(step.outcome) : tsan::ChannelStep::kLeft,
                 channel, caller);
  if (step.ready != nullptr) Ready(step.ready);
  runtime::NoteJoined(step.told_by);
  return step.outcome;
}

void Close(Channel* channel) {
  SchedulingPoint();
  const runtime::LearningScope learning;
  if (channel == nullptr) {
    PanicOver({MisuseKind::kCloseOfNil, "Chan::Close", WaitReason::kChanReceiveNil, nullptr},
              "close of nil channel");
  }
  const tsan::StepCaller caller = STRAY_STEP_CALLER();
  tsan::TellStep(tsan::ChannelStep::kClose, channel, caller);
  channel->lock.Lock();
  if (channel->closed.load(std::memory_order_relaxed) != 0) {
    channel->lock.Unlock();
    PanicOver({MisuseKind::kCloseOfClosed, "Chan::Close", WaitReason::kChanSend, channel},
              "close of closed channel");
  }
  tsan::Release(channel);
  channel->closed.store(1, std::memory_order_release);
  channel->told_by = runtime::LifeOfCaller();
  NoteUse(channel, runtime_abi::kCloses);
  // All are taken out under the lock; they run once it is released. Task::next is free while a task waits.
  runtime::TaskList woken;
  for (runtime::WaitQueue* queue : {&channel->receivers, &channel->senders}) {
    while (Waiter* waiter = queue->Pop()) {
      waiter->task->fired = waiter;
      waiter->told_by = channel->told_by;
      woken.Push(waiter->task);
    }
  }
  channel->lock.Unlock();
  tsan::TellStep(tsan::ChannelStep::kClosed, channel, caller);
  while (Task* task = woken.Pop()) Ready(task);
}

size_t Length(Channel* channel) noexcept {
  if (channel == nullptr) return 0;
  if (channel->fed_by_timer) [[unlikely]] {
    runtime::WordGuard guard(channel->lock);
    RunTimerIfDue(channel);
  }
  const size_t count = channel->count.load(std::memory_order_relaxed);
  TellCounted(channel);
  return count;
}

size_t Capacity(const Channel* channel) noexcept { return channel == nullptr ? 0 : channel->capacity; }

void SetName(Channel* channel, const char* name, size_t size) {
  channel->name = runtime::KeepName({name, size});
}

}  // namespace stray::detail
