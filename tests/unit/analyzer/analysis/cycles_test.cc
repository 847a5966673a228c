// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/cycles.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

#include "analyzer/analysis/liveness.h"
#include "tests/unit/analyzer/analysis/random_snapshot.h"

namespace stray::analyzer {
namespace {

TEST(CyclesTest, CirclesOfRandomSnapshotsAreRealAndCoverEveryTaskInOne) {
  size_t found = 0;
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    ProcessBuilder p("hang");
    FillWithRandomSnapshot(p, random);
    const ProcessModel& process = p.Get();
    const WaitGraph graph(process, process.snapshots.back(), {});
    const std::vector<bool> live = LiveNodes(graph);
    const std::vector<Circle> circles = FindCircles(graph, live, FindWakers(graph, live));
    const std::vector<uint32_t> behind = CircleBehind(graph, circles);

    // Who waits for whom, and from it, by brute force, who can come back to itself.
    const size_t tasks = graph.task_count();
    std::vector<std::vector<bool>> reach(tasks, std::vector<bool>(tasks, false));
    std::vector<std::vector<bool>> direct = reach;
    for (WaitGraph::Node task = 0; task < tasks; ++task) {
      if (live[task]) continue;
      for (WaitGraph::Node next : graph.WaitsFor(task)) direct[task][next] = reach[task][next] = !live[next];
    }
    for (size_t via = 0; via < tasks; ++via) {
      for (size_t a = 0; a < tasks; ++a) {
        for (size_t b = 0; b < tasks; ++b) {
          if (reach[a][via] && reach[via][b]) reach[a][b] = true;
        }
      }
    }
    std::set<WaitGraph::Node> covered;
    for (const Circle& circle : circles) {
      std::set<WaitGraph::Node> members(circle.tasks.begin(), circle.tasks.end());
      EXPECT_EQ(members.size(), circle.tasks.size());
      covered.insert(members.begin(), members.end());
      for (size_t i = 0; i < circle.tasks.size(); ++i) {
        EXPECT_TRUE(direct[circle.tasks[i]][circle.tasks[(i + 1) % circle.tasks.size()]]);
      }
    }
    for (WaitGraph::Node task = 0; task < tasks; ++task) {
      EXPECT_EQ(covered.count(task) != 0, reach[task][task]) << "task " << task;
      bool leads_to_circle = reach[task][task];
      for (WaitGraph::Node other = 0; other < tasks; ++other)
        leads_to_circle |= reach[task][other] && reach[other][other];
      EXPECT_EQ(behind[task] != kNoCircle, leads_to_circle) << "task " << task;
    }
    found += circles.size();
  }
  EXPECT_GT(found, 500u);
}

}  // namespace
}  // namespace stray::analyzer
