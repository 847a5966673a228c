// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/wakers.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "analyzer/analysis/peers.h"

namespace stray::analyzer {
namespace {

using Node = WaitGraph::Node;

// One thing that a task waits for: a select waits for several.
struct Wait {
  uint32_t object = 0;
  absl::string_view reason;  // "chan send" of a case that sends
};

std::vector<Wait> WaitsOf(const wire::TaskState& state) {
  if (state.cases().empty()) return {{state.object(), state.wait_reason()}};
  std::vector<Wait> waits;
  for (const wire::SelectCase& one : state.cases()) {
    waits.push_back({one.object(), one.sends() ? "chan send" : "chan receive"});
  }
  return waits;
}

class WakerFinder {
 public:
  WakerFinder(const WaitGraph& graph, const std::vector<bool>& live) : graph_(graph), live_(live) {}

  std::vector<WakerLink> LinksOf(Node waiter) const {
    const wire::TaskState& state = *graph_.task(waiter).state;
    const std::vector<Wait> waits = WaitsOf(state);
    std::vector<WakerLink> links;
    for (const Wait& wait : waits) {
      for (const WakerLink& link : LinksOfWait(waiter, wait)) {
        if (FindWaker(links, waiter, link.waker) == nullptr) links.push_back(link);
      }
    }
    // A wait group needs all that have not called Done.
    const bool needs_all = graph_.task(waiter).wait.object_kind == "wait group";
    for (WakerLink& link : links) link.is_one_of_several = !needs_all && links.size() > 1;
    return links;
  }

 private:
  std::vector<WakerLink> LinksOfWait(Node waiter, const Wait& wait) const {
    const PeerSide* peers = PeerSideOf(wait.reason);
    const wire::Object* object = graph_.process().FindObject(wait.object);
    // Which side a select of one case uses is not kept.
    const bool is_any_side = wait.reason == "select" && object != nullptr && object->kind() == "channel";
    if (object == nullptr || (peers == nullptr && !is_any_side)) return {};
    if (is_any_side && !object->uses().empty()) return {};
    std::vector<WakerLink> links;
    const std::vector<const wire::Use*> uses =
        peers == nullptr ? std::vector<const wire::Use*>() : UsesOfSide(*object, *peers);
    for (const wire::Use* use : uses) Add(waiter, wait, use->task(), true, links);
    const bool needs_all = object->kind() == "wait group";
    if ((!uses.empty() || object->other_uses() != 0) && !needs_all) return links;
    std::vector<WakerLink> could;
    for (uint32_t task : OthersWith(*object, wait)) Add(waiter, wait, task, false, could);
    // Of several that have it, it is not known whose turn it is, unless as many Dones are missing.
    if (could.size() > (needs_all ? object->value() : 1)) return links;
    for (const WakerLink& link : could) {
      if (FindWaker(links, waiter, link.waker) == nullptr) links.push_back(link);
    }
    return links;
  }

  // Tasks that can reach `object` and do not wait there for the same. Worked out once: many may wait for it.
  const std::vector<uint32_t>& OthersWith(const wire::Object& object, const Wait& wait) const {
    auto [it, is_new] = others_.try_emplace({object.id(), std::string(wait.reason)});
    if (!is_new) return it->second;
    for (uint32_t task : graph_.reachability().TasksWith(object.address())) {
      const wire::TaskState* state = graph_.snapshot().Find(task);
      if (state != nullptr && !WaitsFor(*state, wait)) it->second.push_back(task);
    }
    return it->second;
  }

  static bool WaitsFor(const wire::TaskState& state, const Wait& wait) {
    const std::vector<Wait> waits = WaitsOf(state);
    return std::any_of(waits.begin(), waits.end(),
                       [&](const Wait& one) { return one.object == wait.object && one.reason == wait.reason; });
  }

  // Unless `task` has ended, is live, is the waiter itself, or waits for the same.
  void Add(Node waiter, const Wait& wait, uint32_t task, bool has_done_so,
           std::vector<WakerLink>& links) const {
    const auto it = graph_.snapshot().by_task.find(task);
    if (it == graph_.snapshot().by_task.end()) return;
    const auto waker = static_cast<Node>(it->second);
    const TaskNode& node = graph_.task(waker);
    if (waker == waiter || live_[waker] || node.finished || node.ending != Ending::kNo) return;
    if (WaitsFor(*node.state, wait)) return;
    links.push_back({waiter, waker, wait.object, has_done_so});
  }

  const WaitGraph& graph_;
  const std::vector<bool>& live_;
  mutable std::map<std::pair<uint32_t, std::string>, std::vector<uint32_t>>
      others_;  // by object and wait reason
};

}  // namespace

std::vector<WakerLink> FindWakers(const WaitGraph& graph, const std::vector<bool>& live) {
  const WakerFinder finder(graph, live);
  std::vector<WakerLink> links;
  for (Node task = 0; task < graph.task_count(); ++task) {
    const TaskNode& node = graph.task(task);
    if (live[task] || node.finished || node.ending != Ending::kNo) continue;
    if (node.state->state() != "blocked" || node.wait.waker != Waker::kAnyTask) continue;
    const std::vector<WakerLink> its = finder.LinksOf(task);
    links.insert(links.end(), its.begin(), its.end());
  }
  return links;
}

const WakerLink* FindWaker(const std::vector<WakerLink>& links, Node waiter, Node waker) {
  auto it = std::lower_bound(links.begin(), links.end(), waiter,
                             [](const WakerLink& link, Node node) { return link.waiter < node; });
  for (; it != links.end() && it->waiter == waiter; ++it) {
    if (it->waker == waker) return &*it;
  }
  return nullptr;
}

}  // namespace stray::analyzer
