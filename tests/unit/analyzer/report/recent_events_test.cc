// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/recent_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace stray::analyzer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

void AddEvent(ProcessModel& process, size_t task, const std::string& kind, uint32_t object, uint32_t sequence) {
  while (process.tasks.size() <= task)
    process.tasks.emplace_back().set_id(static_cast<uint32_t>(process.tasks.size()));
  wire::Event* event = process.tasks[task].add_events();
  event->set_kind(kind);
  event->set_object(object);
  event->set_sequence(sequence);
}

std::vector<uint32_t> Sequences(const std::vector<RecentEvent>& events) {
  std::vector<uint32_t> sequences;
  for (const RecentEvent& entry : events) sequences.push_back(entry.event->sequence());
  return sequences;
}

TEST(RecentEventsTest, EventsOfSeveralTasksAreInTheOrderOfTheObject) {
  ProcessModel process;
  AddEvent(process, 0, "wait", 1, 2);
  AddEvent(process, 0, "signal", 1, 5);
  AddEvent(process, 1, "wait", 1, 3);
  AddEvent(process, 1, "lock", 2, 1);
  const RecentEvents events(process, {1});
  EXPECT_THAT(Sequences(events.Telling(1, 9)), ElementsAre(2, 3, 5));
  EXPECT_THAT(Sequences(events.Telling(2, 9)), IsEmpty()) << "was not asked for";
}

TEST(RecentEventsTest, SequenceNumbersThatStartAgainAreNewer) {
  ProcessModel process;
  AddEvent(process, 0, "wait", 1, 1);
  AddEvent(process, 0, "wait", 1, (1u << 24) - 1);
  AddEvent(process, 0, "wait", 1, 0);
  EXPECT_THAT(Sequences(RecentEvents(process, {1}).Telling(1, 9)), ElementsAre((1u << 24) - 1, 0, 1));
}

TEST(RecentEventsTest, TheOneWakeIsNotBuriedUnderWaits) {
  ProcessModel process;
  AddEvent(process, 0, "signal", 1, 1);
  for (uint32_t i = 2; i < 40; ++i) AddEvent(process, i, "wait", 1, i);
  const RecentEvents events(process, {1});
  EXPECT_THAT(Sequences(events.Telling(1, 4)), ElementsAre(1, 37, 38, 39));
  EXPECT_TRUE(events.HasWake(1));
}

TEST(RecentEventsTest, WaitsAloneAreNoWake) {
  ProcessModel process;
  AddEvent(process, 0, "wait", 1, 1);
  EXPECT_FALSE(RecentEvents(process, {1}).HasWake(1));
}

}  // namespace
}  // namespace stray::analyzer
