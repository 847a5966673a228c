// SPDX-License-Identifier: Apache-2.0
// all_runs.h: what all the runs of a small program can come to.
#ifndef STRAY_TESTS_UNIT_ANALYZER_TRACE_ALL_RUNS_H_
#define STRAY_TESTS_UNIT_ANALYZER_TRACE_ALL_RUNS_H_

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "tests/unit/analyzer/trace/channel_program.h"

namespace stray::analyzer {

// Where tasks hang for good, in some run of a program: all runs there are, one state after the other. What a
// task does to a channel it does with any other that is there, since nobody knows who came first.
class AllRuns {
 public:
  // By task: the command that it hangs at; -1: it does not.
  using Hangs = std::vector<int>;

  explicit AllRuns(const ChannelProgram& program) : program_(program) {
    State start;
    start.at.assign(program.tasks.size(), 0);
    start.is_born = std::vector<bool>(program.is_forked.size());
    for (size_t i = 0; i < program.is_forked.size(); ++i) start.is_born[i] = !program.is_forked[i];
    Visit(start);
  }

  // Of sets of tasks and commands: in some run they all hang there.
  bool CanHang(const std::map<uint32_t, uint32_t>& where) const {
    return std::any_of(hangs_.begin(), hangs_.end(), [&](const Hangs& hangs) {
      return std::all_of(where.begin(), where.end(),
                         [&](const auto& one) { return hangs[one.first] == static_cast<int>(one.second); });
    });
  }
  // At a channel with a lock, and at a lock that it has: pairs of task and command.
  const std::set<std::pair<std::pair<uint32_t, uint32_t>, std::pair<uint32_t, uint32_t>>>& mixed() const {
    return mixed_;
  }

 private:
  struct State {
    std::vector<uint32_t> at;
    std::vector<bool> is_born;
    std::vector<int> writer = {-1, -1};
    std::vector<std::set<uint32_t>> readers = {{}, {}};
    std::vector<uint32_t> values = {0, 0};
    std::vector<bool> is_closed = {false, false};
    int counter = 0;
    bool has_panicked = false;

    auto operator<=>(const State& other) const = default;
  };
  using Mask = uint32_t;

  const Command* NextOf(const State& state, uint32_t task) const {
    const std::vector<Command>& commands = program_.tasks[task];
    return state.is_born[task] && state.at[task] < commands.size() ? &commands[state.at[task]] : nullptr;
  }

  // Tasks that go on, sooner or later, in some run from there.
  Mask Visit(const State& state) {
    const auto [known, is_new] = moves_.try_emplace(state, 0);
    if (!is_new) return known->second;
    Mask moves = 0;
    if (!state.has_panicked) {
      for (uint32_t task = 0; task < state.at.size(); ++task) {
        if (const Command* command = NextOf(state, task); command != nullptr) Try(state, task, *command, moves);
      }
    }
    moves_[state] = moves;
    if (!state.has_panicked) Note(state, moves);
    return moves;
  }

  void Note(const State& state, Mask moves) {
    Hangs hangs(state.at.size(), -1);
    for (uint32_t task = 0; task < state.at.size(); ++task) {
      if ((moves >> task & 1) == 0 && NextOf(state, task) != nullptr)
        hangs[task] = static_cast<int>(state.at[task]);
    }
    for (uint32_t a = 0; a < hangs.size(); ++a) {
      for (uint32_t b = 0; b < hangs.size(); ++b) {
        if (hangs[a] < 0 || hangs[b] < 0) continue;
        const Command& wanted = *NextOf(state, b);
        const Command& use = *NextOf(state, a);
        const bool is_lock = wanted.kind == Command::kLock || wanted.kind == Command::kReadLock;
        const bool is_use = use.kind == Command::kSend || use.kind == Command::kReceive;
        if (is_lock && is_use && state.writer[wanted.what] == static_cast<int>(a))
          mixed_.insert({{a, state.at[a]}, {b, state.at[b]}});
      }
    }
    hangs_.insert(std::move(hangs));
  }

  // `state` with the commands of some tasks done.
  void Go(State state, std::initializer_list<uint32_t> tasks, Mask& moves) {
    for (const uint32_t task : tasks) {
      ++state.at[task];
      moves |= Mask{1} << task;
    }
    moves |= Visit(state);
  }

  void Panic(State state, uint32_t task, Mask& moves) {
    state.has_panicked = true;
    Go(std::move(state), {task}, moves);
  }

  void Try(const State& state, uint32_t task, const Command& command, Mask& moves) {
    State next = state;
    const uint32_t what = command.what;
    switch (command.kind) {
      case Command::kLock:
        if (state.writer[what] >= 0 || !state.readers[what].empty()) return;
        next.writer[what] = static_cast<int>(task);
        break;
      case Command::kReadLock:
        if (state.writer[what] >= 0) return;
        next.readers[what].insert(task);
        break;
      case Command::kUnlock:
        next.writer[what] = -1;
        break;
      case Command::kReadUnlock:
        next.readers[what].erase(task);
        break;
      case Command::kSend:
      case Command::kReceive:
        return Use(state, task, what, command.kind == Command::kSend, moves);
      case Command::kTrySend:
      case Command::kTryReceive:
        Use(state, task, what, command.kind == Command::kTrySend, moves);
        break;  // also in vain
      case Command::kSelect:
        Use(state, task, what, command.sends, moves);
        return Use(state, task, 1 - what, false, moves);
      case Command::kClose:
        next.is_closed[what] = true;
        break;
      case Command::kAdd:
        ++next.counter;
        break;
      case Command::kDone:
        if (--next.counter < 0) return Panic(next, task, moves);
        break;
      case Command::kWait:
        if (state.counter > 0) return;
        break;
      case Command::kFork:
        next.is_born[what] = true;
        break;
      default:
        break;
    }
    Go(std::move(next), {task}, moves);
  }

  void Use(const State& state, uint32_t task, uint32_t what, bool sends, Mask& moves) {
    State next = state;
    if (state.is_closed[what] && sends) return Panic(next, task, moves);
    if (sends && state.values[what] < program_.capacities[what]) {
      ++next.values[what];
      return Go(std::move(next), {task}, moves);
    }
    if (!sends && state.values[what] > 0) {
      --next.values[what];
      return Go(std::move(next), {task}, moves);
    }
    if (!sends && state.is_closed[what]) return Go(std::move(next), {task}, moves);
    if (program_.capacities[what] != 0) return;
    for (uint32_t other = 0; other < state.at.size(); ++other) {
      const Command* command = NextOf(state, other);
      if (other != task && command != nullptr && CanMeet(*command, what, !sends))
        Go(state, {task, other}, moves);
    }
  }

  static bool CanMeet(const Command& command, uint32_t what, bool sends) {
    switch (command.kind) {
      case Command::kSend:
      case Command::kTrySend:
        return sends && command.what == what;
      case Command::kReceive:
      case Command::kTryReceive:
        return !sends && command.what == what;
      case Command::kSelect:
        return command.what == what ? command.sends == sends : !sends;
      default:
        return false;
    }
  }

  const ChannelProgram& program_;
  std::map<State, Mask> moves_;
  std::set<Hangs> hangs_;
  std::set<std::pair<std::pair<uint32_t, uint32_t>, std::pair<uint32_t, uint32_t>>> mixed_;
};

}  // namespace stray::analyzer

#endif  // STRAY_TESTS_UNIT_ANALYZER_TRACE_ALL_RUNS_H_
