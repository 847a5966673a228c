// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/trace_channels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "analyzer/load/recorded_trace.h"
#include "analyzer/trace/std_format.h"
#include "analyzer/trace/trace_index.h"
#include "tests/unit/analyzer/load/recorded_events.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using trace::Op;

constexpr uint64_t kX = 0x7000;

TEST(TraceChannelsTest, ChannelsAndWaitGroupsAreToldByAddressAndByWhoMadeThem) {
  RecordedEvents events;
  const auto use = [&](uint32_t stream, trace::ChannelStep step) {
    events.Words(stream, {trace::FirstWord(Op::kChannel, static_cast<uint8_t>(step), kX), 0x401000});
  };
  const auto change = [&](uint32_t stream, trace::GroupStep step, int64_t by) {
    events.Words(stream, {trace::FirstWord(Op::kGroup, static_cast<uint8_t>(step), kX), 0x401000,
                          trace::PackChange(by)});
  };
  events.Plain(1, Op::kEnter, 0x10);
  events.Words(1, {trace::FirstWord(Op::kChannelMade, 0, kX), 0x400500, 3});
  use(1, trace::ChannelStep::kSend);
  use(1, trace::ChannelStep::kSent);
  use(1, static_cast<trace::ChannelStep>(99));  // of a newer agent
  events.Words(1, {trace::FirstWord(Op::kChannelMade, 1, kX), 0x400600, 5});
  use(1, trace::ChannelStep::kFed);
  use(1, trace::ChannelStep::kTryReceive);
  use(1, trace::ChannelStep::kLeft);
  use(1, trace::ChannelStep::kSelectReceive);
  use(1, trace::ChannelStep::kReceivedClosed);
  change(1, trace::GroupStep::kChange, 2);
  change(1, trace::GroupStep::kChange, 0);
  change(1, trace::GroupStep::kChange, -1);
  change(1, trace::GroupStep::kWait, 0);
  change(1, trace::GroupStep::kChange, int64_t{1} << 40);
  change(1, trace::GroupStep::kWaited, 0);
  ProcessModel process;
  wire::Object& object = process.objects.emplace_back();
  object.set_id(7);
  object.set_kind("channel");
  object.set_address(kX);
  process.trace_blocks = events.Blocks();
  process.Index();
  std::vector<std::string> damage;
  const absl::StatusOr<RecordedTrace> read = ReadRecordedTrace(process, damage);
  ASSERT_TRUE(read.ok()) << read.status();
  const RecordedTrace& recorded = *read;
  EXPECT_TRUE(TraceIndex::Make(recorded.trace).ok());
  std::vector<std::string> lines = absl::StrSplit(StdText(recorded.trace), '\n', absl::SkipEmpty());
  EXPECT_EQ(lines[2], "T1|made(0x7000)|5") << "of older recorders, as the first one, that is not known";
  for (std::string& line : lines) line.resize(line.rfind('|'));
  EXPECT_THAT(lines, ElementsAre("T1|send(0x7000)", "T1|sent(0x7000)", "T1|made(0x7000)", "T1|fed(0x7000)",
                                 "T1|tryrecv(0x7000)", "T1|left(0x7000)", "T1|selrecv(0x7000)",
                                 "T1|recvnone(0x7000)", "T1|add(0x7000)", "T1|add(0x7000)", "T1|done(0x7000)",
                                 "T1|wait(0x7000)", "T1|cut(0)"));
  EXPECT_EQ(recorded.trace.events[2].operand, 1u) << "another channel";
  EXPECT_THAT(recorded.channel_objects, ElementsAre(0, 7)) << "the model has the last one";
  EXPECT_EQ(recorded.channels[0].capacity, 3u);
  EXPECT_EQ(recorded.places[recorded.channels[1].made_at], 0x400600u);
  EXPECT_EQ(recorded.callers[recorded.channels[1].made_by].address, 0x10u);
  EXPECT_TRUE(recorded.groups[0].is_cut) << "too much at once";
  EXPECT_THAT(recorded.group_objects, ElementsAre(0));
}

}  // namespace
}  // namespace stray::analyzer
