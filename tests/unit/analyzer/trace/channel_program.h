// SPDX-License-Identifier: Apache-2.0
// channel_program.h: small random programs of locks, channels and wait groups.
#ifndef STRAY_TESTS_UNIT_ANALYZER_TRACE_CHANNEL_PROGRAM_H_
#define STRAY_TESTS_UNIT_ANALYZER_TRACE_CHANNEL_PROGRAM_H_

#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace stray::analyzer {

struct Command {
  enum Kind {
    kLock,
    kReadLock,
    kUnlock,
    kReadUnlock,
    kSend,
    kReceive,
    kTrySend,
    kTryReceive,
    kSelect,  // sends to or receives from `what`, receives from the other channel
    kClose,
    kAdd,
    kDone,
    kWait,
    kFork,
    kWrite,
    kRead,
  };
  Kind kind;
  uint32_t what;
  bool sends = false;
};

struct ChannelProgram {
  std::vector<std::vector<Command>> tasks;
  std::vector<uint32_t> capacities;
  std::vector<bool> is_forked;

  // The same for the same seed.
  static ChannelProgram Random(uint64_t seed);
};

class RandomProgram {
 public:
  explicit RandomProgram(uint64_t seed) : random_(seed) {}

  ChannelProgram Run() {
    const uint32_t tasks = 2 + Below(3);
    program_.tasks.resize(tasks);
    program_.capacities = {Below(2) == 0 ? 0 : Below(3), Below(2)};
    program_.is_forked.assign(tasks, false);
    has_others_ = Below(3) == 0;
    const bool has_group = Below(3) == 0, has_close = Below(3) == 0;
    for (uint32_t task = 1; task < tasks; ++task) {
      if (has_group) Add(0, Command::kAdd, 0);
      if (Below(2) == 0) continue;
      program_.is_forked[task] = true;
      Add(Below(task), Command::kFork, task);
    }
    // A value for each who takes one, mostly.
    for (uint32_t exchanges = 1 + Below(4); exchanges-- > 0;) {
      const uint32_t channel = Below(3) / 2, sender = Below(tasks);
      AddUse(sender, channel, true);
      if (Below(12) != 0) AddUse((sender + 1 + Below(tasks - 1)) % tasks, channel, false);
    }
    for (uint32_t task = 1; task < tasks && has_group; ++task) Add(task, Command::kDone, 0);
    if (has_group) Add(Below(2) == 0 ? 0 : Below(tasks), Command::kWait, 0);
    if (has_close) Add(Below(tasks), Command::kClose, Below(2));
    return std::move(program_);
  }

 private:
  uint32_t Below(uint32_t limit) { return static_cast<uint32_t>(random_() % limit); }

  void Add(uint32_t task, Command::Kind kind, uint32_t what, bool sends = false) {
    program_.tasks[task].push_back({kind, what, sends});
  }

  // With a lock, after one, or without.
  void AddUse(uint32_t task, uint32_t channel, bool sends) {
    const uint32_t how = Below(5), lock = Below(4) / 3;
    const bool reads = Below(8) == 0;
    if (how < 4) Add(task, reads ? Command::kReadLock : Command::kLock, lock);
    if (how < 2) AddOne(task, channel, sends);
    if (how >= 2 && how < 4 && Below(3) == 0) Add(task, Below(2) == 0 ? Command::kWrite : Command::kRead, 0);
    if (how < 4 && lock == 0 && Below(5) == 0) {
      Add(task, Command::kLock, 1);
      Add(task, Command::kUnlock, 1);
    }
    if (how < 4) Add(task, reads ? Command::kReadUnlock : Command::kUnlock, lock);
    if (how >= 2) AddOne(task, channel, sends);
  }

  void AddOne(uint32_t task, uint32_t channel, bool sends) {
    const uint32_t kind = has_others_ ? Below(6) : 0;
    if (kind < 4) return Add(task, sends ? Command::kSend : Command::kReceive, channel);
    if (kind == 4) return Add(task, sends ? Command::kTrySend : Command::kTryReceive, channel);
    Add(task, Command::kSelect, channel, sends);
  }

  std::mt19937_64 random_;
  bool has_others_ = false;
  ChannelProgram program_;
};

inline ChannelProgram ChannelProgram::Random(uint64_t seed) { return RandomProgram(seed).Run(); }

}  // namespace stray::analyzer

#endif  // STRAY_TESTS_UNIT_ANALYZER_TRACE_CHANNEL_PROGRAM_H_
