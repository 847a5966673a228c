// SPDX-License-Identifier: Apache-2.0
// liveness.h: which tasks can still move, decided by who can wake them and never by time.
//
// The least fixpoint over a WaitGraph: a node is live if all that it needs is live; `anybody` is live as
// soon as one task that runs code of the program is, or the outside has unknown threads; a handle as soon as
// one of those is that can reach it. Start from what needs nothing, add what that can free, until nothing
// changes. What is left over can never be woken.
//
// Linear in nodes and edges.
#ifndef STRAY_ANALYZER_ANALYSIS_LIVENESS_H_
#define STRAY_ANALYZER_ANALYSIS_LIVENESS_H_

#include <vector>

#include "analyzer/analysis/wait_graph.h"

namespace stray::analyzer {

// By node of `graph`. A finished task counts as live: whoever joins it is about to go on. It wakes nobody.
std::vector<bool> LiveNodes(const WaitGraph& graph);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_LIVENESS_H_
