// SPDX-License-Identifier: Apache-2.0
// Liveness where it is known who can reach what, on small snapshots and against a naive twin on random ones;
// and the circles that such facts let be seen.
#include "analyzer/analysis/reachability.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "analyzer/analysis/liveness.h"
#include "tests/unit/analyzer/analysis/process_builder.h"

namespace stray::analyzer {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr uint64_t kFirstAddress = 0x1000;

// Object n lies at kFirstAddress + n.
ProcessBuilder& Channel(ProcessBuilder& p, uint32_t id, const std::string& name = "") {
  p.Object(id, "channel", name);
  p.object(id).set_address(kFirstAddress + id);
  return p;
}

void Waits(ProcessBuilder& p, uint32_t task, const std::string& reason, uint32_t object) {
  p.Blocked(task, reason, object);
  p.state(task).set_address(kFirstAddress + object);
}

wire::ReachEdge& Edge(ProcessBuilder& p) {
  p.info().set_reach("complete");
  return p.raw().snapshots.back().reach.emplace_back();
}

// `task` 0 and `memory` 0: everybody.
void Leads(ProcessBuilder& p, uint32_t task, uint32_t memory, uint32_t to_memory, uint32_t to_object) {
  wire::ReachEdge& edge = Edge(p);
  edge.set_task(task);
  edge.set_memory(memory);
  edge.set_to_memory(to_memory);
  if (to_memory == 0) edge.set_to_address(kFirstAddress + to_object);
}

std::set<uint32_t> LiveTasks(const ProcessModel& process) {
  const WaitGraph graph(process, process.snapshots.back(), {});
  const std::vector<bool> live = LiveNodes(graph);
  std::set<uint32_t> tasks;
  for (WaitGraph::Node task = 0; task < graph.task_count(); ++task) {
    if (live[task]) tasks.insert(graph.task(task).state->task());
  }
  return tasks;
}

TEST(ReachabilityTest, WhatNoLiveTaskCanReachIsNeverDone) {
  ProcessBuilder p("request");
  Channel(p, 1).Main(1).Thread(2).Thread(3);
  p.Running(1);
  Waits(p, 2, "chan receive", 1);
  Leads(p, 2, 0, 7, 0);
  Leads(p, 0, 7, 0, 1);
  p.Running(3);
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1, 3));
}

TEST(ReachabilityTest, AHandleThatALiveTaskHasIsEnoughHoweverDeepItLies) {
  ProcessBuilder p("request");
  Channel(p, 1).Main(1).Thread(2);
  p.Running(1);
  Waits(p, 2, "chan receive", 1);
  Leads(p, 1, 0, 9, 0);
  Leads(p, 0, 9, 8, 0);
  Leads(p, 0, 8, 9, 0);  // a ring of two
  Leads(p, 0, 8, 7, 0);
  Leads(p, 0, 7, 0, 1);
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1, 2));
}

TEST(ReachabilityTest, AVariableIsEverybodysButNobodysOnceAllAreStuck) {
  ProcessBuilder p("request");
  Channel(p, 1).Main(1).Thread(2).Running(1);
  Waits(p, 2, "chan receive", 1);
  Leads(p, 0, 0, 0, 1);
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1, 2));
  ProcessBuilder q("request");
  Channel(q, 1).Main(1);
  Waits(q, 1, "chan receive", 1);
  Leads(q, 0, 0, 0, 1);
  EXPECT_THAT(LiveTasks(q.Get()), IsEmpty());
}

TEST(ReachabilityTest, OneCaseOfASelectIsEnough) {
  ProcessBuilder p("request");
  Channel(p, 1);
  Channel(p, 2).Main(1).Thread(2).Running(1).Blocked(2, "select");
  p.state(2).set_wait_number(0);
  for (uint32_t object : {1u, 2u}) p.state(2).add_cases()->set_object(object);
  Leads(p, 0, 7, 0, 1);
  Leads(p, 1, 0, 0, 2);
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1, 2));
}

TEST(ReachabilityTest, WhatWasNotLookedForMayBeAnybodys) {
  ProcessBuilder p("request");
  Channel(p, 1);
  Channel(p, 2).Main(1).Thread(2).Running(1);
  Waits(p, 2, "chan receive", 1);
  Leads(p, 0, 7, 0, 2);
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1, 2));
}

TEST(ReachabilityTest, IncompleteFactsProveNothing) {
  ProcessBuilder p("request");
  Channel(p, 1).Main(1).Thread(2).Running(1);
  Waits(p, 2, "chan receive", 1);
  Leads(p, 0, 7, 0, 1);
  p.info().set_reach("not still");
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1, 2));
}

TEST(ReachabilityTest, ATaskThatTheDumpDoesNotShowMayDoAnything) {
  ProcessBuilder p("request");
  Channel(p, 1).Main(1).Thread(2).Running(1);
  Waits(p, 2, "chan receive", 1);
  Leads(p, 99, 0, 0, 1);
  EXPECT_THAT(LiveTasks(p.Get()), ElementsAre(1, 2));
}

// A task is live if it runs, or if one that is live can reach what it waits for. By hand, over and over.
std::set<uint32_t> NaiveLive(const ProcessModel& process) {
  const SnapshotModel& snapshot = process.snapshots.back();
  const auto reachers = [&](uint64_t address) {
    std::set<uint32_t> memory, tasks;
    bool everybody = false;
    const auto add = [&](const wire::ReachEdge& edge) {
      const size_t before = memory.size() + tasks.size();
      if (edge.task() != 0) tasks.insert(edge.task());
      if (edge.memory() != 0) memory.insert(edge.memory());
      if (edge.task() == 0 && edge.memory() == 0) everybody = true;
      return memory.size() + tasks.size() != before;
    };
    for (const wire::ReachEdge& edge : snapshot.reach) {
      if (edge.to_memory() == 0 && edge.to_address() == address) add(edge);
    }
    for (bool changed = true; changed;) {
      changed = false;
      for (const wire::ReachEdge& edge : snapshot.reach) {
        if (edge.to_memory() != 0 && memory.count(edge.to_memory()) != 0) changed |= add(edge);
      }
    }
    return std::pair(tasks, everybody);
  };
  std::set<uint32_t> live;
  for (bool changed = true; changed;) {
    changed = false;
    for (const wire::TaskState& state : snapshot.tasks) {
      bool goes_on = state.state() == "running";
      if (!goes_on) {
        const auto [tasks, everybody] = reachers(state.address());
        goes_on = everybody && !live.empty();
        for (uint32_t task : tasks) goes_on = goes_on || live.count(task) != 0;
      }
      if (goes_on) changed |= live.insert(state.task()).second;
    }
  }
  return live;
}

TEST(ReachabilityTest, RandomSnapshotsComeOutAsTheNaiveTwinSays) {
  size_t mixed = 0;
  for (uint32_t seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    ProcessBuilder p("request");
    const uint32_t tasks = 2 + random() % 7, objects = 1 + random() % 5, memory = 1 + random() % 6;
    for (uint32_t id = 1; id <= objects; ++id) Channel(p, id);
    for (uint32_t id = 1; id <= tasks; ++id) p.Thread(id);
    for (uint32_t id = 1; id <= tasks; ++id) {
      if (random() % 4 == 0) {
        p.Running(id);
      } else {
        Waits(p, id, "chan receive", 1 + random() % objects);
      }
    }
    for (uint32_t id = 1; id <= objects; ++id) Leads(p, 0, 1 + random() % memory, 0, id);
    for (uint32_t i = random() % 8; i > 0; --i) Leads(p, 1 + random() % tasks, 0, 1 + random() % memory, 0);
    for (uint32_t i = random() % 6; i > 0; --i) {
      Leads(p, 0, 1 + random() % memory, 1 + random() % memory, 0);
    }
    if (random() % 4 == 0) Leads(p, 0, 0, 1 + random() % memory, 0);
    const std::set<uint32_t> live = LiveTasks(p.Get());
    EXPECT_EQ(live, NaiveLive(p.Get()));
    if (!live.empty() && live.size() != tasks) ++mixed;
  }
  EXPECT_GT(mixed, 500u);
}

TEST(ReachabilityTest, ACircleLeadsThroughAChannelThatOneTaskAloneHas) {
  ProcessBuilder p("hang");
  Channel(p, 1, "values").Mutex(2, "state").Main(1).Thread(2, "sender").Thread(3, "receiver").Running(1);
  Waits(p, 2, "chan send", 1);
  p.Holds(2, 2).Blocked(3, "pthread_mutex_lock", 2);
  Leads(p, 2, 0, 0, 1);
  Leads(p, 3, 0, 0, 1);
  const std::vector<Finding> findings = p.Findings();
  EXPECT_THAT(Summaries(findings), ElementsAre("deadlock.cycle x1 T2 T3"));
  EXPECT_THAT(findings.front().explanation, HasSubstr("which T3 \"receiver\" could receive from"));
}

TEST(ReachabilityTest, TwoThatWaitForTheSameDoNotWaitForEachOther) {
  ProcessBuilder p("hang");
  Channel(p, 1).Main(1).Thread(2).Thread(3).Running(1);
  for (uint32_t task : {2u, 3u}) {
    Waits(p, task, "chan receive", 1);
    Leads(p, task, 0, 0, 1);
  }
  EXPECT_THAT(Summaries(p), Not(Contains(HasSubstr("deadlock.cycle"))));
}

TEST(ReachabilityTest, ACircleThroughChannelsAloneNeedsThatEachHasDoneSoBefore) {
  for (const bool has_sent : {false, true}) {
    SCOPED_TRACE(has_sent);
    ProcessBuilder p("hang");
    Channel(p, 1);
    Channel(p, 2).Main(1).Thread(2).Thread(3).Running(1);
    Waits(p, 2, "chan receive", 1);
    Waits(p, 3, "chan receive", 2);
    Leads(p, 2, 0, 0, 2);
    Leads(p, 3, 0, 0, 1);
    for (uint32_t object : {1u, 2u}) {
      if (!has_sent) continue;
      wire::Use* use = p.object(object).add_uses();
      use->set_task(object == 1 ? 3 : 2);
      use->set_side("send");
      use->set_count(1);
    }
    if (has_sent) {
      EXPECT_THAT(Summaries(p), ElementsAre("deadlock.cycle x1 T2 T3"));
    } else {
      EXPECT_THAT(Summaries(p), Not(Contains(HasSubstr("deadlock.cycle"))));
    }
  }
}

}  // namespace
}  // namespace stray::analyzer
