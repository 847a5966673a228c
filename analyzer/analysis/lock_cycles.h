// SPDX-License-Identifier: Apache-2.0
// lock_cycles.h: circles of lock edges that different tasks could run into at the same time.
//
// Short circles first: depth-first from each lock, within its strongly connected component, over locks that
// come later in the order of ids, with the distance back to the start as a bound. A path is dropped as soon
// as two of its edges exclude each other or no choice of tasks is left.
//
// There can be exponentially many circles, so the search has a budget; was_cut() tells if it was used up.
#ifndef STRAY_ANALYZER_ANALYSIS_LOCK_CYCLES_H_
#define STRAY_ANALYZER_ANALYSIS_LOCK_CYCLES_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "analyzer/analysis/life_order.h"
#include "analyzer/analysis/lock_edges.h"

namespace stray::analyzer {

struct LockCycle {
  std::vector<const LockEdge*> edges;  // edges[i]->to is edges[i + 1]->from
  std::vector<size_t> tasks;           // for each edge, which of its tasks: all different
  bool certain = true;                 // false: whether the tasks overlap is not known
};

// Picks one of `choices[i]` for each i so that all tasks differ and none comes before another. Gives the
// indices, or nothing if there is no such choice (or none was found after a great many attempts).
// `weakest`: kPossible, or kUnknown to accept overlaps that are not known.
std::vector<size_t> ChooseTasks(absl::Span<const std::vector<LifeSpan>* const> choices, Overlap weakest,
                                LifeOrder& order);

class LockCycleSearch {
 public:
  static constexpr uint64_t kDefaultBudget = 1'000'000;

  // Both must outlive it. `budget`: edges looked at.
  LockCycleSearch(const std::vector<LockEdge>& edges, LifeOrder& order, uint64_t budget = kDefaultBudget);

  // Circles, shorter ones first. No circle has all the locks of another.
  std::vector<LockCycle> Run();

  bool was_cut() const { return budget_ == 0; }

 private:
  void SearchComponent(absl::Span<const uint32_t> nodes, size_t shortest, size_t longest);
  void ComputeDistances(uint32_t start);
  void Extend(uint32_t node);
  void TryEdge(size_t edge);
  bool IsCompatible(const LockEdge& edge) const;
  bool ChooseTaskFor(const LockEdge& edge, std::vector<size_t>& replaced);
  void Report();
  bool Spend();

  const std::vector<LockEdge>& edges_;
  LifeOrder& order_;
  uint64_t budget_;

  std::vector<uint32_t> objects_;                // by node, ascending
  std::vector<uint32_t> component_;              // by node
  std::vector<std::vector<size_t>> out_;         // by node: edges within its component
  std::vector<std::vector<uint32_t>> in_nodes_;  // by node: nodes with an edge to it, within its component
  std::vector<uint32_t> from_, to_;              // by edge: nodes

  // The path being extended.
  uint32_t start_ = 0;
  size_t shortest_ = 0;
  size_t longest_ = 0;
  std::vector<uint32_t> distance_;  // by node: edges back to start_
  std::vector<bool> on_path_;
  std::vector<size_t> path_;    // edges
  std::vector<size_t> choice_;  // for each edge of the path, which of its tasks

  std::vector<LockCycle> found_;
  std::vector<std::vector<uint32_t>> found_locks_;  // sorted, by circle
};

// The locks of a circle, sorted.
std::vector<uint32_t> LocksOf(const LockCycle& cycle);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_LOCK_CYCLES_H_
