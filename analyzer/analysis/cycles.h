// SPDX-License-Identifier: Apache-2.0
// cycles.h: the circles among the tasks that can never move again.
//
// A task needs all that it waits for, so a circle of holders and joins is a deadlock by itself. Most tasks
// wait for one other, and then a strongly connected component is one circle. With several readers of one
// rwlock there can be very many; then each task gets the shortest circle it is in, once.
//
// What is in none of those may be in a circle that leads through channels, conditions and the like (wakers.h).
// That all its tasks are stuck is proved without it; the circle says why. So it counts where evidence is good:
// each such link is by a task that has done so before, or the circle leads through a lock, a join or a wait
// group, too.
#ifndef STRAY_ANALYZER_ANALYSIS_CYCLES_H_
#define STRAY_ANALYZER_ANALYSIS_CYCLES_H_

#include <cstdint>
#include <vector>

#include "analyzer/analysis/wait_graph.h"
#include "analyzer/analysis/wakers.h"

namespace stray::analyzer {

// Tasks, each of which waits for the next, the last for the first. One task: it waits for itself. The
// smallest task node comes first. Readers that all want to write the same rwlock are one circle.
struct Circle {
  std::vector<WaitGraph::Node> tasks;
};

// In the order of their first tasks. `live` as LiveNodes() gives it, `wakers` as FindWakers() does.
std::vector<Circle> FindCircles(const WaitGraph& graph, const std::vector<bool>& live,
                                const std::vector<WakerLink>& wakers);

// For each node: the number of the circle it is in or is stuck behind, or kNoCircle.
inline constexpr uint32_t kNoCircle = UINT32_MAX;
std::vector<uint32_t> CircleBehind(const WaitGraph& graph, const std::vector<Circle>& circles);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_CYCLES_H_
