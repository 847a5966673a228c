// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/liveness.h"

#include <cstdint>

namespace stray::analyzer {
namespace {

bool WakesAnybody(const WaitGraph& graph, WaitGraph::Node node) {
  return graph.IsTask(node) && !graph.task(node).finished && !graph.task(node).foreign;
}

}  // namespace

std::vector<bool> LiveNodes(const WaitGraph& graph) {
  const Digraph& needs = graph.needs();
  const Digraph needed_by = needs.Reversed();
  std::vector<size_t> missing(needs.size());  // needs that are not live yet
  std::vector<bool> live(needs.size(), false);
  std::vector<WaitGraph::Node> queue;
  auto make_live = [&](WaitGraph::Node node) {
    if (live[node]) return;
    live[node] = true;
    queue.push_back(node);
  };

  for (WaitGraph::Node node = 0; node < needs.size(); ++node) {
    missing[node] = graph.IsHandle(node) ? 1 : needs.Successors(node).size();
    if (missing[node] == 0 && node != graph.anybody() && node != graph.nobody()) make_live(node);
  }
  if (graph.has_unknown_wakers()) make_live(graph.anybody());
  while (!queue.empty()) {
    const WaitGraph::Node node = queue.back();
    queue.pop_back();
    if (WakesAnybody(graph, node)) make_live(graph.anybody());
    for (WaitGraph::Node waiter : needed_by.Successors(node)) {
      if (missing[waiter] != 0 && --missing[waiter] == 0) make_live(waiter);
    }
  }
  return live;
}

}  // namespace stray::analyzer
