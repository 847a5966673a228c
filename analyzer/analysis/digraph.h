// SPDX-License-Identifier: Apache-2.0
// digraph.h: a directed graph in two arrays, its strongly connected components and its shortest circles.
//
// Nodes are 0..size-1. The graph is immutable once built; nothing here recurses, so that a chain of
// 100,000 nodes is no problem.
#ifndef STRAY_ANALYZER_ANALYSIS_DIGRAPH_H_
#define STRAY_ANALYZER_ANALYSIS_DIGRAPH_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace stray::analyzer {

class Digraph {
 public:
  using Node = uint32_t;

  Digraph() : starts_(1) {}

  // Edges from `first` to `second`; their order decides the order of Successors(). Doubles are kept.
  Digraph(size_t size, absl::Span<const std::pair<Node, Node>> edges);

  size_t size() const { return starts_.size() - 1; }
  absl::Span<const Node> Successors(Node node) const {
    return absl::MakeConstSpan(targets_).subspan(starts_[node], starts_[node + 1] - starts_[node]);
  }

  // The same graph with all edges turned round.
  Digraph Reversed() const;

 private:
  std::vector<size_t> starts_;
  std::vector<Node> targets_;
};

// Number of the strongly connected component of each node. Numbers are dense and in reverse topological
// order: an edge never leads to a component with a higher number.
struct Components {
  std::vector<uint32_t> of_node;
  std::vector<uint32_t> sizes;
};
Components StronglyConnectedComponents(const Digraph& graph);

// The shortest circle through `start` that stays within its component: start, ..., last, where last has an
// edge to start. Empty if there is none. A self-edge gives a circle of one node.
std::vector<Digraph::Node> ShortestCircle(const Digraph& graph, const Components& components,
                                          Digraph::Node start);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_DIGRAPH_H_
