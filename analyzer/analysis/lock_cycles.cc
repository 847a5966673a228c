// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/lock_cycles.h"

#include <algorithm>
#include <utility>

#include "analyzer/analysis/digraph.h"

namespace stray::analyzer {
namespace {

constexpr uint32_t kFar = UINT32_MAX;
constexpr size_t kMostAttempts = 10'000;  // at choosing tasks for one circle

bool Fits(const LifeSpan& a, const LifeSpan& b, Overlap weakest, LifeOrder& order) {
  return a.task != b.task && order.OverlapOf(a, b) >= weakest;
}

// A reader that wants what another task only reads does not wait.
bool Blocks(const LockEdge& waiting, const LockEdge& holding) { return !waiting.to_read || !holding.from_read; }

}  // namespace

std::vector<size_t> ChooseTasks(absl::Span<const std::vector<LifeSpan>* const> choices, Overlap weakest,
                                LifeOrder& order) {
  std::vector<size_t> chosen = {0};
  size_t attempts = 0;
  while (!chosen.empty()) {
    if (++attempts > kMostAttempts) return {};
    const size_t at = chosen.size() - 1;
    if (chosen[at] == choices[at]->size()) {
      chosen.pop_back();
      if (!chosen.empty()) ++chosen.back();
      continue;
    }
    const LifeSpan& candidate = (*choices[at])[chosen[at]];
    bool fits = true;
    for (size_t i = 0; i < at && fits; ++i) fits = Fits((*choices[i])[chosen[i]], candidate, weakest, order);
    if (!fits) {
      ++chosen[at];
    } else if (chosen.size() == choices.size()) {
      return chosen;
    } else {
      chosen.push_back(0);
    }
  }
  return {};
}

std::vector<uint32_t> LocksOf(const LockCycle& cycle) {
  std::vector<uint32_t> locks;
  for (const LockEdge* edge : cycle.edges) locks.push_back(edge->from);
  std::sort(locks.begin(), locks.end());
  return locks;
}

LockCycleSearch::LockCycleSearch(const std::vector<LockEdge>& edges, LifeOrder& order, uint64_t budget)
    : edges_(edges), order_(order), budget_(budget) {
  for (const LockEdge& edge : edges) objects_.insert(objects_.end(), {edge.from, edge.to});
  std::sort(objects_.begin(), objects_.end());
  objects_.erase(std::unique(objects_.begin(), objects_.end()), objects_.end());
  auto node_of = [this](uint32_t object) {
    return static_cast<uint32_t>(std::lower_bound(objects_.begin(), objects_.end(), object) - objects_.begin());
  };
  std::vector<std::pair<uint32_t, uint32_t>> pairs;
  for (const LockEdge& edge : edges) {
    from_.push_back(node_of(edge.from));
    to_.push_back(node_of(edge.to));
    pairs.emplace_back(from_.back(), to_.back());
  }
  component_ = StronglyConnectedComponents(Digraph(objects_.size(), pairs)).of_node;
  out_.resize(objects_.size());
  in_nodes_.resize(objects_.size());
  for (size_t i = 0; i < edges.size(); ++i) {
    if (component_[from_[i]] != component_[to_[i]]) continue;
    out_[from_[i]].push_back(i);
    in_nodes_[to_[i]].push_back(from_[i]);
  }
  for (auto& nodes : in_nodes_) {
    std::sort(nodes.begin(), nodes.end());
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  }
  distance_.assign(objects_.size(), kFar);
  on_path_.assign(objects_.size(), false);
}

std::vector<LockCycle> LockCycleSearch::Run() {
  std::vector<std::vector<uint32_t>> components;
  for (uint32_t node = 0; node < objects_.size(); ++node) {
    if (out_[node].empty()) continue;
    if (component_[node] >= components.size()) components.resize(component_[node] + 1);
    components[component_[node]].push_back(node);
  }
  size_t largest = 0;
  for (const auto& nodes : components) largest = std::max(largest, nodes.size());
  // Length by length while circles are short; then in steps, for the bound only saves work.
  size_t shortest = 2;
  while (shortest <= largest && !was_cut()) {
    const size_t longest = shortest < 8 ? shortest : shortest * 2;
    for (const auto& nodes : components) {
      if (nodes.size() >= shortest) SearchComponent(nodes, shortest, longest);
    }
    shortest = longest + 1;
  }
  return std::move(found_);
}

void LockCycleSearch::SearchComponent(absl::Span<const uint32_t> nodes, size_t shortest, size_t longest) {
  shortest_ = shortest;
  longest_ = longest;
  for (uint32_t start : nodes) {
    if (was_cut()) return;
    start_ = start;
    for (uint32_t node : nodes) distance_[node] = kFar;
    ComputeDistances(start);
    Extend(start);
  }
}

// Breadth-first against the edges, over nodes that come after `start`.
void LockCycleSearch::ComputeDistances(uint32_t start) {
  distance_[start] = 0;
  std::vector<uint32_t> queue = {start};
  for (size_t next = 0; next < queue.size(); ++next) {
    for (uint32_t node : in_nodes_[queue[next]]) {
      if (!Spend()) return;
      if (node < start || distance_[node] != kFar) continue;
      distance_[node] = distance_[queue[next]] + 1;
      queue.push_back(node);
    }
  }
}

bool LockCycleSearch::Spend() {
  if (budget_ == 0) return false;
  --budget_;
  return true;
}

void LockCycleSearch::Extend(uint32_t node) {
  on_path_[node] = true;
  for (size_t edge : out_[node]) {
    if (!Spend()) break;
    const uint32_t to = to_[edge];
    const bool closes = to == start_;
    if (!closes && (on_path_[to] || distance_[to] == kFar)) continue;
    if (path_.size() + 1 + distance_[to] > longest_) continue;
    TryEdge(edge);
  }
  on_path_[node] = false;
}

void LockCycleSearch::TryEdge(size_t edge) {
  if (!IsCompatible(edges_[edge])) return;
  const size_t chosen_before = choice_.size();
  std::vector<size_t> replaced;  // the choice before, if all of it had to change
  const bool chosen = ChooseTaskFor(edges_[edge], replaced);
  path_.push_back(edge);
  if (chosen) {
    if (to_[edge] != start_) {
      Extend(to_[edge]);
    } else if (path_.size() >= shortest_ && Blocks(edges_[edge], edges_[path_.front()])) {
      Report();
    }
  }
  path_.pop_back();
  if (!replaced.empty()) choice_ = std::move(replaced);
  choice_.resize(chosen_before);
}

bool LockCycleSearch::IsCompatible(const LockEdge& edge) const {
  if (!path_.empty() && !Blocks(edges_[path_.back()], edge)) return false;
  return std::none_of(path_.begin(), path_.end(),
                      [&](size_t other) { return Exclude(edges_[other].gates, edge.gates); });
}

// Keeps the tasks chosen so far if the new edge has one that goes with them; else chooses anew.
bool LockCycleSearch::ChooseTaskFor(const LockEdge& edge, std::vector<size_t>& replaced) {
  for (size_t candidate = 0; candidate < edge.tasks.size(); ++candidate) {
    bool fits = true;
    for (size_t i = 0; i < choice_.size() && fits; ++i) {
      if (!Spend()) return false;
      fits = Fits(edges_[path_[i]].tasks[choice_[i]], edge.tasks[candidate], Overlap::kUnknown, order_);
    }
    if (!fits) continue;
    choice_.push_back(candidate);
    return true;
  }
  std::vector<const std::vector<LifeSpan>*> choices;
  for (size_t other : path_) choices.push_back(&edges_[other].tasks);
  choices.push_back(&edge.tasks);
  replaced = std::move(choice_);
  choice_ = ChooseTasks(choices, Overlap::kUnknown, order_);
  return !choice_.empty();
}

void LockCycleSearch::Report() {
  LockCycle cycle;
  std::vector<const std::vector<LifeSpan>*> choices;
  for (size_t edge : path_) {
    cycle.edges.push_back(&edges_[edge]);
    choices.push_back(&edges_[edge].tasks);
  }
  cycle.tasks = ChooseTasks(choices, Overlap::kPossible, order_);
  cycle.certain = !cycle.tasks.empty();
  if (!cycle.certain) cycle.tasks = choice_;
  std::vector<uint32_t> locks = LocksOf(cycle);
  for (size_t i = 0; i < found_.size(); ++i) {
    const std::vector<uint32_t>& other = found_locks_[i];
    if (!std::includes(locks.begin(), locks.end(), other.begin(), other.end())) continue;
    if (found_[i].certain || !cycle.certain) return;
    if (locks == other) {
      found_[i] = std::move(cycle);
      return;
    }
  }
  found_.push_back(std::move(cycle));
  found_locks_.push_back(std::move(locks));
}

}  // namespace stray::analyzer
