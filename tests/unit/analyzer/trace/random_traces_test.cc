// SPDX-License-Identifier: Apache-2.0
// Engines on random traces: against their definitions, written down as they stand, and against a search through
// all orders of the events. The seed of a trace that fails is printed; RANDOM_TRACES says how many there are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "analyzer/trace/predicted_deadlocks.h"
#include "analyzer/trace/predicted_races.h"
#include "analyzer/trace/witness_check.h"
#include "tests/unit/analyzer/trace/trace_text.h"

namespace stray::analyzer {
namespace {

using Pairs = std::set<std::pair<EventIndex, EventIndex>>;
// What a circle is made of: task, lock and the locks held, from the smallest on.
using Pattern = std::vector<std::tuple<uint32_t, uint32_t, std::vector<uint32_t>>>;

uint64_t TraceCount() {
  const char* wanted = std::getenv("RANDOM_TRACES");
  return wanted == nullptr ? 100000 : std::strtoull(wanted, nullptr, 10);
}

// A run of up to four tasks, some of them forked and joined, that take locks properly, and some twice.
class Generator {
 public:
  // Every second one is about locks, more than about accesses.
  explicit Generator(uint64_t seed) : random_(seed), is_of_locks_(seed % 2 == 0) {}

  Trace Run() {
    const uint32_t tasks = 2 + Below(is_of_locks_ ? 2 : 3), locks = (is_of_locks_ ? 2 : 1) + Below(2);
    const uint32_t variables = 1 + Below(2);
    const size_t events = (is_of_locks_ ? 10 : 6) + Below(10);
    for (uint32_t i = 0; i < tasks; ++i) trace_.tasks.push_back(absl::StrCat("T", i));
    for (uint32_t i = 0; i < locks; ++i) trace_.locks.push_back(absl::StrCat("L", i));
    for (uint32_t i = 0; i < variables; ++i) trace_.variables.push_back(absl::StrCat("V", i));
    for (int64_t i = 0; i < 8; ++i) trace_.locations.push_back(i);
    held_.resize(tasks);
    state_.assign(tasks, kRuns);
    for (uint32_t i = 1; i < tasks; ++i) state_[i] = Below(2) == 0 ? kUnborn : kRuns;
    for (size_t i = 0; i < 4 * events && trace_.events.size() < events; ++i) Step(Below(tasks));
    return std::move(trace_);
  }

 private:
  enum State { kUnborn, kRuns, kJoined };

  uint32_t Below(uint32_t limit) { return static_cast<uint32_t>(random_() % limit); }

  void Add(uint32_t task, TraceOp op, uint32_t operand) {
    trace_.events.push_back({task, operand, Below(static_cast<uint32_t>(trace_.locations.size())), op});
  }

  bool IsFree(uint32_t lock, uint32_t task) const {
    for (uint32_t other = 0; other < held_.size(); ++other) {
      if (other != task && std::count(held_[other].begin(), held_[other].end(), lock) != 0) return false;
    }
    return true;
  }

  void Step(uint32_t task) {
    if (state_[task] != kRuns) return;
    std::vector<uint32_t>& held = held_[task];
    switch (is_of_locks_ && Below(3) != 0 ? Below(4) / 2 : Below(8)) {
      case 0:
      case 2: {
        const uint32_t lock = Below(static_cast<uint32_t>(trace_.locks.size()));
        if (!IsFree(lock, task)) return;
        held.push_back(lock);
        return Add(task, TraceOp::kAcquire, lock);
      }
      case 1:
      case 3: {
        if (held.empty()) return;
        const size_t which = Below(static_cast<uint32_t>(held.size()));
        const uint32_t lock = held[which];
        held.erase(held.begin() + static_cast<ptrdiff_t>(which));
        return Add(task, TraceOp::kRelease, lock);
      }
      case 4:
      case 5:
        return Add(task, TraceOp::kWrite, Below(static_cast<uint32_t>(trace_.variables.size())));
      case 6:
        return Add(task, TraceOp::kRead, Below(static_cast<uint32_t>(trace_.variables.size())));
      default: {
        const uint32_t other = Below(static_cast<uint32_t>(state_.size()));
        if (other == task) return;
        if (state_[other] == kUnborn) {
          state_[other] = kRuns;
          Add(task, TraceOp::kFork, other);
        } else if (state_[other] == kRuns && held_[other].empty() && Below(3) == 0) {
          state_[other] = kJoined;
          Add(task, TraceOp::kJoin, other);
        }
      }
    }
  }

  std::mt19937_64 random_;
  const bool is_of_locks_;
  Trace trace_;
  std::vector<std::vector<uint32_t>> held_;
  std::vector<State> state_;
};

bool Conflict(const TraceEvent& a, const TraceEvent& b) {
  return IsAccess(a.op) && IsAccess(b.op) && a.operand == b.operand && a.task != b.task &&
         (a.op == TraceOp::kWrite || b.op == TraceOp::kWrite);
}

Pattern PatternOf(const TraceIndex& index, std::vector<EventIndex> circle) {
  std::rotate(circle.begin(), std::min_element(circle.begin(), circle.end()), circle.end());
  Pattern pattern;
  for (const EventIndex event : circle) {
    const auto held = index.HeldAt(event);
    pattern.emplace_back(index.event(event).task, index.event(event).operand,
                         std::vector<uint32_t>(held.begin(), held.end()));
  }
  std::rotate(pattern.begin(), std::min_element(pattern.begin(), pattern.end()), pattern.end());
  return pattern;
}

// The closure by its rules, one after the other, on a set of events.
class NaiveClosure {
 public:
  NaiveClosure(const TraceIndex& index, const std::vector<EventIndex>& next) : index_(index) {
    for (const EventIndex event : next) {
      if (index.Before(event) != kNoEvent) in_.insert(index.Before(event));
    }
    while (Grow()) {
    }
  }

  bool Contains(EventIndex event) const { return in_.contains(event); }

 private:
  bool Put(EventIndex event) { return event != kNoEvent && in_.insert(event).second; }

  bool Grow() {
    const std::set<EventIndex> now = in_;
    bool has_grown = false;
    for (const EventIndex event : now) {
      has_grown |= Put(index_.Before(event));
      const TraceEvent& what = index_.event(event);
      if (what.op == TraceOp::kRead) has_grown |= Put(index_.WriteOf(event));
      if (what.op == TraceOp::kJoin) {
        const auto child = index_.EventsOf(what.operand);
        has_grown |= Put(child.empty() ? index_.ForkOf(what.operand) : child.back());
      }
      for (const EventIndex other : now) {
        const TraceEvent& later = index_.event(other);
        if (what.op == TraceOp::kAcquire && later.op == TraceOp::kAcquire && what.operand == later.operand &&
            event < other && what.task != later.task)
          has_grown |= Put(index_.MatchOf(event));
      }
    }
    return has_grown;
  }

  const TraceIndex& index_;
  std::set<EventIndex> in_;
};

Pairs NaiveRaces(const TraceIndex& index) {
  Pairs races;
  const std::vector<TraceEvent>& events = index.trace().events;
  for (EventIndex second = 0; second < events.size(); ++second) {
    for (EventIndex first = 0; first < second; ++first) {
      if (!Conflict(events[first], events[second])) continue;
      const NaiveClosure closure(index, {first, second});
      if (!closure.Contains(first) && !closure.Contains(second)) races.insert({first, second});
    }
  }
  return races;
}

// All orders of the events in which critical sections of a lock keep theirs, one state after the other.
class Orders {
 public:
  explicit Orders(const TraceIndex& index) : index_(index), trace_(index.trace()) {
    state_.done.assign(index.task_count(), 0);
    Visit();
  }

  const Pairs& races() const { return races_; }
  const std::set<Pattern>& deadlocks() const { return deadlocks_; }

 private:
  struct State {
    std::vector<uint32_t> done;                                 // by task
    std::map<uint32_t, EventIndex> memory;                      // last write, by variable
    std::map<uint32_t, EventIndex> last_acquires;               // by lock
    std::map<uint32_t, std::pair<uint32_t, uint32_t>> holders;  // task and depth, by lock

    auto operator<=>(const State& other) const = default;
  };

  EventIndex NextOf(uint32_t task) const {
    const auto events = index_.EventsOf(task);
    const EventIndex fork = index_.ForkOf(task);
    const bool is_there = fork == kNoEvent || state_.done[index_.event(fork).task] >= index_.PositionOf(fork);
    return is_there && state_.done[task] < events.size() ? events[state_.done[task]] : kNoEvent;
  }

  // Goes on with `event`. False: it cannot happen here.
  bool Do(EventIndex event) {
    const TraceEvent& what = trace_.events[event];
    const auto holder = state_.holders.find(what.operand);
    switch (what.op) {
      case TraceOp::kRead: {
        const auto write = state_.memory.find(what.operand);
        if ((write == state_.memory.end() ? kNoEvent : write->second) != index_.WriteOf(event)) return false;
        break;
      }
      case TraceOp::kWrite:
        state_.memory[what.operand] = event;
        break;
      case TraceOp::kAcquire: {
        if (holder != state_.holders.end()) {
          if (holder->second.first != what.task) return false;
          ++holder->second.second;
          break;
        }
        const auto last = state_.last_acquires.find(what.operand);
        if (last != state_.last_acquires.end() && last->second > event) return false;
        state_.last_acquires[what.operand] = event;
        state_.holders[what.operand] = {what.task, 1};
        break;
      }
      case TraceOp::kRelease:
        if (--holder->second.second == 0) state_.holders.erase(holder);
        break;
      case TraceOp::kJoin:
        if (state_.done[what.operand] != index_.EventsOf(what.operand).size()) return false;
        if (index_.ForkOf(what.operand) != kNoEvent &&
            state_.done[index_.event(index_.ForkOf(what.operand)).task] <
                index_.PositionOf(index_.ForkOf(what.operand)))
          return false;
        break;
      default:
        break;
    }
    ++state_.done[what.task];
    return true;
  }

  void Visit() {
    if (!seen_.insert(state_).second) return;
    Look();
    for (uint32_t task = 0; task < state_.done.size(); ++task) {
      const EventIndex next = NextOf(task);
      if (next == kNoEvent) continue;
      const State before = state_;
      if (Do(next)) Visit();
      state_ = before;
    }
  }

  void Look() {
    std::vector<EventIndex> next;
    for (uint32_t task = 0; task < state_.done.size(); ++task) next.push_back(NextOf(task));
    for (const EventIndex a : next) {
      for (const EventIndex b : next) {
        if (a != kNoEvent && b != kNoEvent && a < b && Conflict(trace_.events[a], trace_.events[b]))
          races_.insert({a, b});
      }
    }
    for (uint32_t task = 0; task < next.size(); ++task) FollowWaits(task, next);
  }

  void FollowWaits(uint32_t first, const std::vector<EventIndex>& next) {
    std::vector<EventIndex> circle;
    uint32_t task = first;
    do {
      const EventIndex event = next[task];
      if (event == kNoEvent || trace_.events[event].op != TraceOp::kAcquire) return;
      const auto holder = state_.holders.find(trace_.events[event].operand);
      if (holder == state_.holders.end() || holder->second.first == task) return;
      circle.push_back(event);
      task = holder->second.first;
    } while (task != first && circle.size() <= next.size());
    if (task == first) deadlocks_.insert(PatternOf(index_, circle));
  }

  const TraceIndex& index_;
  const Trace& trace_;
  State state_;
  std::set<State> seen_;
  Pairs races_;
  std::set<Pattern> deadlocks_;
};

std::set<EventIndex> SecondsOf(const Pairs& pairs) {
  std::set<EventIndex> seconds;
  for (const auto& [first, second] : pairs) seconds.insert(second);
  return seconds;
}

std::set<std::pair<uint32_t, uint32_t>> PlacesOf(const Trace& trace, const Pairs& pairs) {
  std::set<std::pair<uint32_t, uint32_t>> places;
  for (const auto& [first, second] : pairs)
    places.insert(std::minmax(trace.events[first].location, trace.events[second].location));
  return places;
}

Pairs ToPairs(const std::vector<AccessPair>& races) {
  Pairs pairs;
  for (const AccessPair& race : races) pairs.insert({race.first, race.second});
  return pairs;
}

void CheckRaces(const TraceIndex& index, const Orders& orders) {
  const Trace& trace = index.trace();
  const Pairs naive = NaiveRaces(index);
  EXPECT_EQ(naive, orders.races());
  const std::vector<AccessPair> found = PredictRaces(index, RacesWanted::kEverySecond);
  const Pairs pairs = ToPairs(found);
  EXPECT_EQ(pairs.size(), found.size());
  EXPECT_EQ(SecondsOf(pairs), SecondsOf(naive));
  const Pairs by_place = ToPairs(PredictRaces(index, RacesWanted::kOneForPlaces));
  EXPECT_EQ(PlacesOf(trace, by_place), PlacesOf(trace, naive));
  for (const Pairs& some : {pairs, by_place}) {
    for (const auto& [first, second] : some)
      EXPECT_TRUE(naive.contains({first, second})) << first << ' ' << second;
  }
  for (const AccessPair& race : HappensBeforeRaces(trace, HappensBefore::Order::kSchedulable))
    EXPECT_TRUE(naive.contains({race.first, race.second})) << race.first << ' ' << race.second;
  const std::vector<AccessPair> first = HappensBeforeRaces(trace, HappensBefore::Order::kFirst);
  EXPECT_TRUE(first.empty() || naive.contains({first[0].first, first[0].second}));
  for (const auto& [earlier, later] : naive) {
    const absl::Status valid = WitnessChecker(trace).CheckRace(WitnessOf(index, AccessPair{earlier, later}));
    EXPECT_TRUE(valid.ok()) << valid;
  }
}

void CheckDeadlocks(const TraceIndex& index, const Orders& orders) {
  std::set<Pattern> patterns;
  for (const LockCircle& circle : PredictDeadlocks(index).circles) {
    EXPECT_TRUE(patterns.insert(PatternOf(index, circle)).second) << "twice";
    const absl::Status valid = WitnessChecker(index.trace()).CheckDeadlock(WitnessOf(index, circle));
    EXPECT_TRUE(valid.ok()) << valid;
  }
  EXPECT_EQ(patterns, orders.deadlocks());
}

TEST(RandomTracesTest, EnginesAgreeWithTheirDefinitionsAndWithAllOrders) {
  size_t races = 0, deadlocks = 0;
  for (uint64_t seed = 1; seed <= TraceCount(); ++seed) {
    const Trace trace = Generator(seed).Run();
    const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
    ASSERT_TRUE(index.ok()) << "seed " << seed << ": " << index.status();
    const Orders orders(*index);
    CheckRaces(*index, orders);
    CheckDeadlocks(*index, orders);
    races += orders.races().size();
    deadlocks += orders.deadlocks().size();
    ASSERT_FALSE(HasFailure()) << "seed " << seed << ":\n" << StdText(trace);
  }
  EXPECT_GT(races, TraceCount() / 10);
  EXPECT_GT(deadlocks, TraceCount() / 1000);
}

TEST(RandomTracesTest, WrongWitnessesAreRefused) {
  std::mt19937_64 random(7);
  size_t refused = 0, all = 0;
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    const Trace trace = Generator(seed).Run();
    const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
    ASSERT_TRUE(index.ok());
    for (const AccessPair& race : PredictRaces(*index, RacesWanted::kEverySecond)) {
      Witness witness = WitnessOf(*index, race);
      if (witness.events.empty()) continue;
      witness.events.erase(witness.events.begin() + static_cast<ptrdiff_t>(random() % witness.events.size()));
      ++all;
      refused += WitnessChecker(trace).CheckRace(witness).ok() ? 0 : 1;
    }
  }
  EXPECT_EQ(refused, all) << "each event of a witness is needed";
}

}  // namespace
}  // namespace stray::analyzer
