// SPDX-License-Identifier: Apache-2.0
// Events of which no program can have recorded most.
#include <gtest/gtest.h>

#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "analyzer/load/recorded_trace.h"
#include "analyzer/trace/std_format.h"
#include "analyzer/trace/trace_index.h"
#include "tests/unit/analyzer/load/recorded_events.h"

namespace stray::analyzer {
namespace {

using box::EventKind;
using trace::Op;

// Whatever there is, in whatever order.
RecordedEvents RandomEvents(uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&](uint64_t limit) { return random() % limit; };
  RecordedEvents events;
  const uint64_t count = 5 + below(60);
  // Mostly one kind of event.
  const bool is_of_locks = below(2) == 0;
  for (uint64_t i = 0; i < count; ++i) {
    const auto stream = static_cast<uint32_t>(1 + below(4));
    const auto object = static_cast<uint32_t>(1 + below(5));
    if (is_of_locks && below(4) != 0) {
      events.Hook(stream, static_cast<EventKind>(1 + below(6)), object, below(3));
      continue;
    }
    constexpr Op kOfChannels[] = {Op::kChannel, Op::kChannelMade, Op::kGroup};
    const auto op = below(8) == 0 ? kOfChannels[below(std::size(kOfChannels))]
                                  : static_cast<Op>(1 + below(trace::kOps - 1));
    const bool is_hook = op == Op::kHook || op == Op::kHookBegun || op == Op::kHookLeft;
    const auto argument = static_cast<uint8_t>(is_hook ? below(27) : below(9));
    std::vector<uint64_t> words = {trace::FirstWord(op, argument, below(6)), below(3 * count), below(40)};
    if (below(30) == 0) words[1 + below(2)] = UINT64_MAX;
    words.resize(trace::WordsOf(op));
    events.Words(stream, words);
  }
  return events;
}

// What each event is on is there.
void CheckNumbers(const RecordedTrace& recorded) {
  const Trace& trace = recorded.trace;
  ASSERT_EQ(recorded.callers_of.size(), trace.events.size());
  ASSERT_EQ(recorded.places.size(), trace.locations.size());
  ASSERT_EQ(recorded.place_stacks.size(), trace.locations.size());
  ASSERT_EQ(recorded.task_ids.size(), trace.tasks.size());
  ASSERT_EQ(recorded.locks.size(), trace.locks.size());
  ASSERT_EQ(recorded.variables.size(), trace.variables.size());
  ASSERT_EQ(recorded.channels.size(), trace.channels.size());
  ASSERT_EQ(recorded.channel_objects.size(), trace.channels.size());
  ASSERT_EQ(recorded.groups.size(), trace.groups.size());
  ASSERT_EQ(recorded.group_objects.size(), trace.groups.size());
  for (size_t i = 0; i < trace.events.size(); ++i) {
    const TraceEvent& event = trace.events[i];
    ASSERT_LT(event.task, trace.tasks.size());
    ASSERT_LT(event.location, trace.locations.size());
    ASSERT_LT(recorded.callers_of[i], recorded.callers.size());
    const bool is_of_task = event.op == TraceOp::kFork || event.op == TraceOp::kJoin;
    const bool is_of_sync = GivesToSync(event.op) || GetsFromSync(event.op);
    ASSERT_LT(event.operand, IsAccess(event.op)          ? trace.variables.size()
                             : is_of_task                ? trace.tasks.size()
                             : is_of_sync                ? trace.syncs.size()
                             : IsOfChannel(event.op)     ? trace.channels.size()
                             : event.op == TraceOp::kCut ? trace.marks.size()
                             : IsOfGroup(event.op)       ? trace.groups.size()
                                                         : trace.locks.size());
  }
}

TEST(RandomRecordedTracesTest, AnyEventsAreATraceThatMakesSense) {
  for (uint64_t seed = 0; seed < 3'000; ++seed) {
    ProcessModel process;
    process.trace_blocks = RandomEvents(seed).Blocks();
    process.Index();
    std::vector<std::string> damage;
    const absl::StatusOr<RecordedTrace> recorded = ReadRecordedTrace(process, damage);
    ASSERT_TRUE(recorded.ok()) << recorded.status();
    CheckNumbers(*recorded);
    if (HasFailure()) FAIL() << "seed " << seed;
    const absl::Status accepted = TraceIndex::Make(recorded->trace).status();
    ASSERT_TRUE(accepted.ok()) << accepted << ", seed " << seed << "\n" << StdText(recorded->trace);
    ASSERT_TRUE(damage.empty()) << damage.front();
  }
}

}  // namespace
}  // namespace stray::analyzer
