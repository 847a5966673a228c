// SPDX-License-Identifier: Apache-2.0
// Events of which no program can have recorded most.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "analyzer/load/recorded_trace.h"
#include "analyzer/trace/std_format.h"
#include "analyzer/trace/trace_index.h"
#include "tests/unit/analyzer/load/random_recorded_events.h"

namespace stray::analyzer {
namespace {

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
