// SPDX-License-Identifier: Apache-2.0
// recorded_run.h: a run of a small program, recorded as the runtime records it.
#ifndef STRAY_TESTS_UNIT_ANALYZER_TRACE_RECORDED_RUN_H_
#define STRAY_TESTS_UNIT_ANALYZER_TRACE_RECORDED_RUN_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/trace/event.h"
#include "tests/unit/analyzer/trace/channel_program.h"

namespace stray::analyzer {

// One run, in the order that a seed gives. Nullopt: it has ended in a panic.
class RecordedRun {
 public:
  RecordedRun(const ChannelProgram& program, uint64_t seed) : program_(program), random_(seed) {}

  std::optional<Trace> Run() {
    const auto tasks = static_cast<uint32_t>(program_.tasks.size());
    for (uint32_t i = 0; i < tasks; ++i) trace_.tasks.push_back(absl::StrCat("T", i));
    trace_.locks = {"l", "m"};
    trace_.variables = {"x"};
    trace_.channels = {"c", "d"};
    trace_.groups = {"g"};
    for (int64_t i = 0; i < int64_t{tasks} * kPlaces; ++i) trace_.locations.push_back(i);
    states_.resize(tasks);
    for (uint32_t i = 0; i < tasks; ++i) states_[i].is_born = !program_.is_forked[i];
    for (uint32_t i = 0; i < 2; ++i) {
      trace_.events.push_back({0, i, program_.capacities[i], TraceOp::kMade});
      Channel& channel = channels_.emplace_back();
      for (uint32_t slot = 0; slot < program_.capacities[i]; ++slot) channel.slots.push_back(NewSync());
      channel.puts = NewSync();
      channel.takes = NewSync();
      channel.close = NewSync();
    }
    group_sync_ = NewSync();
    for (int idle = 0; idle < 200 && !has_panicked_; ++idle) {
      if (Step(static_cast<uint32_t>(random_() % tasks))) idle = 0;
    }
    if (has_panicked_) return std::nullopt;
    trace_.marks = {"0"};
    for (uint32_t task = 0; task < tasks; ++task) {
      if (states_[task].command < program_.tasks[task].size()) Add(task, TraceOp::kCut, 0);
    }
    return trace_;
  }

  // After Run(): all tasks have come to their ends.
  bool IsWhole() const {
    for (size_t task = 0; task < states_.size(); ++task) {
      if (states_[task].command < program_.tasks[task].size()) return false;
    }
    return true;
  }

  // The command of its task that an event is of.
  static uint32_t CommandOf(const TraceEvent& event) { return event.location % kPlaces; }

 private:
  static constexpr uint32_t kPlaces = 32;

  struct Waiter {
    uint32_t task;
    uint32_t sync;
  };
  struct Channel {
    std::vector<uint32_t> slots;
    uint32_t puts = 0, takes = 0, close = 0;
    size_t first = 0, count = 0;
    bool is_closed = false;
    std::vector<Waiter> senders, receivers;
  };
  struct State {
    bool is_born = true, waits = false, is_served = false, was_closed = false;
    uint32_t command = 0, channel = 0, sync = 0;  // that it was served by
    bool has_sent = false;
  };

  uint32_t NewSync() {
    trace_.syncs.push_back(absl::StrCat("s", trace_.syncs.size()));
    return static_cast<uint32_t>(trace_.syncs.size() - 1);
  }

  void Add(uint32_t task, TraceOp op, uint32_t operand) {
    trace_.events.push_back({task, operand, task * kPlaces + states_[task].command, op});
  }

  // False: it cannot.
  bool Step(uint32_t task) {
    State& state = states_[task];
    if (!state.is_born || state.command >= program_.tasks[task].size()) return false;
    if (state.waits) return GoOn(task);
    const Command command = program_.tasks[task][state.command];
    if (!Do(task, command)) return false;
    if (!state.waits) ++state.command;
    return true;
  }

  bool GoOn(uint32_t task) {
    State& state = states_[task];
    if (!state.is_served) return false;
    const bool is_group = program_.tasks[task][state.command].kind == Command::kWait;
    if (is_group) {
      Add(task, TraceOp::kAwait, group_sync_);
      Add(task, TraceOp::kWaited, 0);
    } else {
      Add(task, TraceOp::kAwait, state.sync);
      if (state.was_closed) Add(task, TraceOp::kAwait, channels_[state.channel].close);
      Add(task,
          state.has_sent     ? TraceOp::kSent
          : state.was_closed ? TraceOp::kReceivedClosed
                             : TraceOp::kReceived,
          state.channel);
    }
    const uint32_t next = state.command + 1;
    state = {};
    state.command = next;
    return true;
  }

  bool Do(uint32_t task, const Command& command) {
    const uint32_t what = command.what;
    switch (command.kind) {
      case Command::kLock:
      case Command::kReadLock:
        return Lock(task, what, command.kind == Command::kReadLock);
      case Command::kUnlock:
        writers_.erase(what);
        Add(task, TraceOp::kRelease, what);
        return true;
      case Command::kReadUnlock:
        --readers_[what];
        Add(task, TraceOp::kReleaseRead, what);
        return true;
      case Command::kSend:
      case Command::kReceive:
        Add(task, command.kind == Command::kSend ? TraceOp::kSend : TraceOp::kReceive, what);
        if (!Use(task, what, command.kind == Command::kSend))
          Enqueue(task, what, command.kind == Command::kSend);
        return true;
      case Command::kTrySend:
      case Command::kTryReceive:
        Add(task, command.kind == Command::kTrySend ? TraceOp::kTrySend : TraceOp::kTryReceive, what);
        if (!Use(task, what, command.kind == Command::kTrySend)) Add(task, TraceOp::kLeft, what);
        return true;
      case Command::kSelect:
        Add(task, command.sends ? TraceOp::kSelectSend : TraceOp::kSelectReceive, what);
        Add(task, TraceOp::kSelectReceive, 1 - what);
        if (Use(task, what, command.sends) || Use(task, 1 - what, false)) return true;
        Enqueue(task, what, command.sends);
        Enqueue(task, 1 - what, false);
        return true;
      case Command::kClose:
        Close(task, what);
        return true;
      case Command::kAdd:
      case Command::kDone:
        Change(task, command.kind == Command::kAdd);
        return true;
      case Command::kWait:
        Add(task, TraceOp::kWait, 0);
        states_[task].waits = true;
        states_[task].is_served = counter_ == 0;
        return true;
      case Command::kFork:
        states_[what].is_born = true;
        Add(task, TraceOp::kFork, what);
        return true;
      default:
        Add(task, command.kind == Command::kWrite ? TraceOp::kWrite : TraceOp::kRead, 0);
        return true;
    }
  }

  bool Lock(uint32_t task, uint32_t lock, bool to_read) {
    if (writers_.contains(lock) || (!to_read && readers_[lock] != 0)) return false;
    if (to_read) {
      ++readers_[lock];
    } else {
      writers_.insert(lock);
    }
    Add(task, to_read ? TraceOp::kAcquireRead : TraceOp::kAcquire, lock);
    return true;
  }

  void Put(uint32_t task, Channel& channel) {
    const uint32_t slot = channel.slots[(channel.first + channel.count++) % channel.slots.size()];
    Add(task, TraceOp::kAwait, slot);
    Add(task, TraceOp::kProvide, channel.puts);
    Add(task, TraceOp::kSignal, slot);
  }

  void Take(uint32_t task, Channel& channel) {
    const uint32_t slot = channel.slots[channel.first];
    channel.first = (channel.first + 1) % channel.slots.size();
    --channel.count;
    Add(task, TraceOp::kAwait, slot);
    Add(task, TraceOp::kDepend, channel.takes);
    Add(task, TraceOp::kProvide, channel.takes);
    Add(task, TraceOp::kSignal, slot);
  }

  void Serve(const Waiter& waiter, uint32_t what, bool sends, bool was_closed) {
    for (Channel& channel : channels_) {
      for (std::vector<Waiter>* queue : {&channel.senders, &channel.receivers})
        std::erase_if(*queue, [&](const Waiter& one) { return one.task == waiter.task; });
    }
    State& state = states_[waiter.task];
    state.is_served = true;
    state.was_closed = was_closed;
    state.channel = what;
    state.sync = waiter.sync;
    state.has_sent = sends;
  }

  void Rendezvous(uint32_t task, const Waiter& other) {
    Add(task, TraceOp::kAwait, other.sync);
    Add(task, TraceOp::kSignal, other.sync);
  }

  void Counted(uint32_t task, const Channel& channel) {
    Add(task, TraceOp::kDepend, channel.puts);
    Add(task, TraceOp::kDepend, channel.takes);
  }

  bool Use(uint32_t task, uint32_t what, bool sends) { return sends ? Send(task, what) : Receive(task, what); }

  bool Send(uint32_t task, uint32_t what) {
    Channel& channel = channels_[what];
    if (channel.is_closed) return has_panicked_ = true;
    if (!channel.receivers.empty()) {
      const Waiter receiver = channel.receivers.front();
      if (channel.slots.empty()) {
        Rendezvous(task, receiver);
      } else {
        Put(task, channel);
        Take(receiver.task, channel);
        Add(receiver.task, TraceOp::kSignal, receiver.sync);
      }
      Serve(receiver, what, false, false);
    } else if (channel.count < channel.slots.size()) {
      Put(task, channel);
    } else {
      Counted(task, channel);
      return false;
    }
    Add(task, TraceOp::kSent, what);
    return true;
  }

  bool Receive(uint32_t task, uint32_t what) {
    Channel& channel = channels_[what];
    if (channel.count != 0) {
      Take(task, channel);
      if (!channel.senders.empty()) {
        const Waiter sender = channel.senders.front();
        Put(sender.task, channel);
        Add(sender.task, TraceOp::kSignal, sender.sync);
        Serve(sender, what, true, false);
      }
    } else if (!channel.senders.empty()) {
      const Waiter sender = channel.senders.front();
      Rendezvous(task, sender);
      Serve(sender, what, true, false);
    } else {
      Counted(task, channel);
      if (!channel.is_closed) return false;
      Add(task, TraceOp::kAwait, channel.close);
      Add(task, TraceOp::kReceivedClosed, what);
      return true;
    }
    Add(task, TraceOp::kReceived, what);
    return true;
  }

  void Enqueue(uint32_t task, uint32_t what, bool sends) {
    if (has_panicked_) return;
    const Waiter waiter = {task, NewSync()};
    Add(task, TraceOp::kSignal, waiter.sync);
    (sends ? channels_[what].senders : channels_[what].receivers).push_back(waiter);
    states_[task].waits = true;
  }

  void Close(uint32_t task, uint32_t what) {
    Channel& channel = channels_[what];
    Add(task, TraceOp::kClose, what);
    if (!channel.senders.empty()) has_panicked_ = true;
    Add(task, TraceOp::kSignal, channel.close);
    channel.is_closed = true;
    while (!channel.receivers.empty()) Serve(Waiter(channel.receivers.front()), what, false, true);
    Add(task, TraceOp::kClosed, what);
  }

  void Change(uint32_t task, bool adds) {
    Add(task, adds ? TraceOp::kAdd : TraceOp::kDone, 0);
    if (!adds) Add(task, TraceOp::kSignal, group_sync_);
    counter_ += adds ? 1 : -1;
    if (counter_ < 0) has_panicked_ = true;
    for (uint32_t other = 0; other < states_.size() && counter_ == 0; ++other) {
      const bool is_group =
          states_[other].waits && program_.tasks[other][states_[other].command].kind == Command::kWait;
      if (is_group) states_[other].is_served = true;
    }
  }

  const ChannelProgram& program_;
  std::mt19937_64 random_;
  Trace trace_;
  std::vector<State> states_;
  std::vector<Channel> channels_;
  std::set<uint32_t> writers_;
  std::map<uint32_t, uint32_t> readers_;
  uint32_t group_sync_ = 0;
  int counter_ = 0;
  bool has_panicked_ = false;
};

}  // namespace stray::analyzer

#endif  // STRAY_TESTS_UNIT_ANALYZER_TRACE_RECORDED_RUN_H_
