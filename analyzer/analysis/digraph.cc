// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/digraph.h"

#include <algorithm>
#include <deque>

#include "absl/container/flat_hash_map.h"

namespace stray::analyzer {
namespace {

using Node = Digraph::Node;

constexpr uint32_t kUnseen = UINT32_MAX;

// Tarjan's algorithm with a stack of its own instead of recursion.
class Tarjan {
 public:
  explicit Tarjan(const Digraph& graph)
      : graph_(graph), index_(graph.size(), kUnseen), low_(graph.size()), on_stack_(graph.size()) {
    result_.of_node.assign(graph.size(), kUnseen);
  }

  Components Run() {
    for (Node node = 0; node < graph_.size(); ++node) {
      if (index_[node] == kUnseen) Visit(node);
    }
    return std::move(result_);
  }

 private:
  struct Call {
    Node node;
    size_t next;  // successor to look at next
  };

  void Enter(Node node) {
    index_[node] = low_[node] = next_index_++;
    stack_.push_back(node);
    on_stack_[node] = true;
    calls_.push_back({node, 0});
  }

  void Visit(Node root) {
    Enter(root);
    while (!calls_.empty()) {
      const Node node = calls_.back().node;
      const absl::Span<const Node> successors = graph_.Successors(node);
      if (calls_.back().next == successors.size()) {
        Leave(node);
        continue;
      }
      const Node next = successors[calls_.back().next++];
      if (index_[next] == kUnseen) {
        Enter(next);
      } else if (on_stack_[next]) {
        low_[node] = std::min(low_[node], index_[next]);
      }
    }
  }

  void Leave(Node node) {
    calls_.pop_back();
    if (!calls_.empty()) {
      const Node caller = calls_.back().node;
      low_[caller] = std::min(low_[caller], low_[node]);
    }
    if (low_[node] != index_[node]) return;
    const uint32_t component = result_.sizes.size();
    result_.sizes.push_back(0);
    Node member;
    do {
      member = stack_.back();
      stack_.pop_back();
      on_stack_[member] = false;
      result_.of_node[member] = component;
      ++result_.sizes[component];
    } while (member != node);
  }

  const Digraph& graph_;
  std::vector<uint32_t> index_;
  std::vector<uint32_t> low_;
  std::vector<bool> on_stack_;
  std::vector<Node> stack_;
  std::vector<Call> calls_;
  uint32_t next_index_ = 0;
  Components result_;
};

}  // namespace

Digraph::Digraph(size_t size, absl::Span<const std::pair<Node, Node>> edges)
    : starts_(size + 1), targets_(edges.size()) {
  for (const auto& [from, to] : edges) ++starts_[from + 1];
  for (size_t i = 1; i <= size; ++i) starts_[i] += starts_[i - 1];
  std::vector<size_t> next(starts_.begin(), starts_.end() - 1);
  for (const auto& [from, to] : edges) targets_[next[from]++] = to;
}

Digraph Digraph::Reversed() const {
  std::vector<std::pair<Node, Node>> edges;
  edges.reserve(targets_.size());
  for (Node node = 0; node < size(); ++node) {
    for (Node next : Successors(node)) edges.emplace_back(next, node);
  }
  return Digraph(size(), edges);
}

Components StronglyConnectedComponents(const Digraph& graph) { return Tarjan(graph).Run(); }

std::vector<Node> ShortestCircle(const Digraph& graph, const Components& components, Node start) {
  const uint32_t component = components.of_node[start];
  absl::flat_hash_map<Node, Node> came_from;  // a map: components are small, graphs may be large
  std::deque<Node> queue = {start};
  while (!queue.empty()) {
    const Node node = queue.front();
    queue.pop_front();
    for (Node next : graph.Successors(node)) {
      if (next == start) {
        std::vector<Node> circle;
        for (Node at = node; at != start; at = came_from.at(at)) circle.push_back(at);
        circle.push_back(start);
        std::reverse(circle.begin(), circle.end());
        return circle;
      }
      if (components.of_node[next] == component && came_from.emplace(next, node).second) queue.push_back(next);
    }
  }
  return {};
}

}  // namespace stray::analyzer
