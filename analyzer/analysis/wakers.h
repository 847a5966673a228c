// SPDX-License-Identifier: Apache-2.0
// wakers.h: who could end a wait that no holder and no join explains: receive what a task sends, send what it
// waits for, signal its condition, call Done on its wait group.
//
// Anybody could, in principle. Evidence names some: who has used the other side of the object before, and,
// where nobody ever has, who has the object at hand. So a circle can lead through a channel as it leads through
// a lock.
#ifndef STRAY_ANALYZER_ANALYSIS_WAKERS_H_
#define STRAY_ANALYZER_ANALYSIS_WAKERS_H_

#include <vector>

#include "analyzer/analysis/wait_graph.h"

namespace stray::analyzer {

struct WakerLink {
  WaitGraph::Node waiter = 0;
  WaitGraph::Node waker = 0;
  uint32_t object = 0;
  bool has_done_so = false;        // it has used that side before; else it could
  bool is_one_of_several = false;  // each of which would be enough
};

// Of all blocked tasks that are not live, by waiter.
std::vector<WakerLink> FindWakers(const WaitGraph& graph, const std::vector<bool>& live);

// The link from `waiter` to `waker` in what FindWakers() gave, or null.
const WakerLink* FindWaker(const std::vector<WakerLink>& links, WaitGraph::Node waiter, WaitGraph::Node waker);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_WAKERS_H_
