// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/cycles.h"

#include <algorithm>
#include <utility>

namespace stray::analyzer {
namespace {

using Node = WaitGraph::Node;

using Edges = std::vector<std::pair<Node, Node>>;

// The edges between nodes that are stuck; `anybody` and `nobody` are no part of a circle.
Edges StuckPart(const WaitGraph& graph, const std::vector<bool>& live) {
  auto takes_part = [&](Node node) { return !live[node] && (graph.IsTask(node) || graph.IsLock(node)); };
  Edges edges;
  for (Node node = 0; node < graph.needs().size(); ++node) {
    if (!takes_part(node)) continue;
    for (Node next : graph.needs().Successors(node)) {
      if (takes_part(next)) edges.emplace_back(node, next);
    }
  }
  return edges;
}

Circle TasksOf(const WaitGraph& graph, const std::vector<Node>& nodes) {
  Circle circle;
  for (Node node : nodes) {
    if (graph.IsTask(node)) circle.tasks.push_back(node);
  }
  std::rotate(circle.tasks.begin(), std::min_element(circle.tasks.begin(), circle.tasks.end()),
              circle.tasks.end());
  return circle;
}

bool WaitForOneObject(const WaitGraph& graph, const std::vector<Node>& tasks) {
  const uint32_t object = graph.task(tasks.front()).state->object();
  return object != 0 && std::all_of(tasks.begin(), tasks.end(),
                                    [&](Node task) { return graph.task(task).state->object() == object; });
}

// True if each task waits for the next one and the last for the first.
bool IsRing(const WaitGraph& graph, const std::vector<Node>& tasks) {
  for (size_t i = 0; i < tasks.size(); ++i) {
    const std::vector<Node> waits_for = graph.WaitsFor(tasks[i]);
    if (!std::binary_search(waits_for.begin(), waits_for.end(), tasks[(i + 1) % tasks.size()])) return false;
  }
  return true;
}

// Adds the circles of holders and joins.
void AddHardCircles(const WaitGraph& graph, const Edges& edges, std::vector<bool>& covered,
                    std::vector<Circle>& circles) {
  const Digraph stuck(graph.needs().size(), edges);
  const Components components = StronglyConnectedComponents(stuck);
  std::vector<std::vector<Node>> members(components.sizes.size());
  for (Node task = 0; task < graph.task_count(); ++task) {
    const uint32_t component = components.of_node[task];
    if (components.sizes[component] > 1 || !ShortestCircle(stuck, components, task).empty()) {
      members[component].push_back(task);
    }
  }
  for (Node task = 0; task < graph.task_count(); ++task) {
    const std::vector<Node>& component = members[components.of_node[task]];
    if (component.empty() || covered[task]) continue;
    Circle circle;
    if (component.size() > 1 && WaitForOneObject(graph, component) && IsRing(graph, component)) {
      circle.tasks = component;
    } else {
      circle = TasksOf(graph, ShortestCircle(stuck, components, task));
    }
    for (Node member : circle.tasks) covered[member] = true;
    circles.push_back(std::move(circle));
  }
}

// Whether the links of `circle` are good enough: see above.
bool IsConvincing(const WaitGraph& graph, const Circle& circle, const std::vector<WakerLink>& wakers) {
  bool all_have_done_so = true, has_hard_link = false;
  for (size_t i = 0; i < circle.tasks.size(); ++i) {
    const Node next = circle.tasks[(i + 1) % circle.tasks.size()];
    const WakerLink* link = FindWaker(wakers, circle.tasks[i], next);
    if (link != nullptr && !link->has_done_so) all_have_done_so = false;
    has_hard_link |= link == nullptr || graph.task(circle.tasks[i]).wait.object_kind == "wait group";
  }
  return all_have_done_so || has_hard_link;
}

// The edges of holders and joins, and of `wakers` those that can be part of a circle: where one of several
// would be enough, all of them have to wait for the waiter in turn (a knot: Holt, "Some Deadlock Properties of
// Computer Systems", 1972).
Edges WithKnots(const WaitGraph& graph, const Edges& hard, std::vector<WakerLink> wakers) {
  for (;;) {
    Edges edges = hard;
    for (const WakerLink& link : wakers) edges.emplace_back(link.waiter, link.waker);
    const Components components = StronglyConnectedComponents(Digraph(graph.needs().size(), edges));
    std::vector<bool> escapes(graph.task_count(), false);
    for (const WakerLink& link : wakers) {
      const bool in_circle = components.of_node[link.waiter] == components.of_node[link.waker];
      if (link.is_one_of_several && !in_circle) escapes[link.waiter] = true;
    }
    const size_t removed = std::erase_if(wakers, [&](const WakerLink& link) { return escapes[link.waiter]; });
    if (removed == 0) return edges;
  }
}

// Adds those that lead through wakers, of tasks that are in none so far.
void AddWakerCircles(const WaitGraph& graph, const Edges& hard, const std::vector<WakerLink>& wakers,
                     std::vector<bool>& covered, std::vector<Circle>& circles) {
  if (wakers.empty()) return;
  const Digraph stuck(graph.needs().size(), WithKnots(graph, hard, wakers));
  const Components components = StronglyConnectedComponents(stuck);
  for (Node task = 0; task < graph.task_count(); ++task) {
    if (covered[task] || components.sizes[components.of_node[task]] < 2) continue;
    Circle circle = TasksOf(graph, ShortestCircle(stuck, components, task));
    const bool is_new =
        std::none_of(circle.tasks.begin(), circle.tasks.end(), [&](Node member) { return covered[member]; });
    if (circle.tasks.size() < 2 || !is_new || !IsConvincing(graph, circle, wakers)) continue;
    for (Node member : circle.tasks) covered[member] = true;
    circles.push_back(std::move(circle));
  }
}

}  // namespace

std::vector<Circle> FindCircles(const WaitGraph& graph, const std::vector<bool>& live,
                                const std::vector<WakerLink>& wakers) {
  const Edges edges = StuckPart(graph, live);
  std::vector<bool> covered(graph.task_count(), false);
  std::vector<Circle> circles;
  AddHardCircles(graph, edges, covered, circles);
  AddWakerCircles(graph, edges, wakers, covered, circles);
  std::stable_sort(circles.begin(), circles.end(),
                   [](const Circle& a, const Circle& b) { return a.tasks[0] < b.tasks[0]; });
  return circles;
}

std::vector<uint32_t> CircleBehind(const WaitGraph& graph, const std::vector<Circle>& circles) {
  const Digraph needed_by = graph.needs().Reversed();
  std::vector<uint32_t> behind(graph.needs().size(), kNoCircle);
  std::vector<Node> queue;
  for (uint32_t number = 0; number < circles.size(); ++number) {
    for (Node task : circles[number].tasks) {
      if (behind[task] != kNoCircle) continue;
      behind[task] = number;
      queue.push_back(task);
    }
  }
  for (size_t next = 0; next < queue.size(); ++next) {
    const Node node = queue[next];
    for (Node waiter : needed_by.Successors(node)) {
      if (behind[waiter] != kNoCircle) continue;
      behind[waiter] = behind[node];
      queue.push_back(waiter);
    }
  }
  return behind;
}

}  // namespace stray::analyzer
