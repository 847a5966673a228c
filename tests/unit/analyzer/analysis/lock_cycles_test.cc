// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/lock_cycles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include "tests/unit/analyzer/analysis/process_builder.h"

namespace stray::analyzer {
namespace {

using ::testing::IsEmpty;

// The twin: all rows of different edges, whatever the cost.
class NaiveSearch {
 public:
  NaiveSearch(const std::vector<LockEdge>& edges, LifeOrder& order) : edges_(edges), order_(order) {}

  // Lock sets of circles that do not contain the set of another.
  std::set<std::set<uint32_t>> Run() {
    std::vector<size_t> row;
    Extend(row);
    std::set<std::set<uint32_t>> minimal;
    for (const auto& locks : found_) {
      const bool contains_other =
          std::any_of(found_.begin(), found_.end(), [&](const std::set<uint32_t>& other) {
            return other != locks && std::includes(locks.begin(), locks.end(), other.begin(), other.end());
          });
      if (!contains_other) minimal.insert(locks);
    }
    return minimal;
  }

 private:
  void Extend(std::vector<size_t>& row) {
    if (IsCircle(row)) {
      std::set<uint32_t> locks;
      for (size_t edge : row) locks.insert(edges_[edge].from);
      found_.insert(locks);
    }
    if (row.size() == 5) return;
    for (size_t edge = 0; edge < edges_.size(); ++edge) {
      if (!row.empty() && edges_[row.back()].to != edges_[edge].from) continue;
      row.push_back(edge);
      Extend(row);
      row.pop_back();
    }
  }

  bool IsCircle(const std::vector<size_t>& row) {
    if (row.size() < 2 || edges_[row.back()].to != edges_[row.front()].from) return false;
    std::set<uint32_t> locks;
    for (size_t i = 0; i < row.size(); ++i) {
      const LockEdge& edge = edges_[row[i]];
      const LockEdge& next = edges_[row[(i + 1) % row.size()]];
      if (!locks.insert(edge.from).second) return false;
      if (edge.to_read && next.from_read) return false;
      for (size_t j = 0; j < i; ++j) {
        for (const LockUse& mine : edge.gates) {
          for (const LockUse& other : edges_[row[j]].gates) {
            if (mine.object == other.object && !(mine.read && other.read)) return false;
          }
        }
      }
    }
    std::vector<LifeSpan> chosen;
    return CanChoose(row, chosen);
  }

  bool CanChoose(const std::vector<size_t>& row, std::vector<LifeSpan>& chosen) {
    if (chosen.size() == row.size()) return true;
    for (const LifeSpan& span : edges_[row[chosen.size()]].tasks) {
      const bool fits = std::all_of(chosen.begin(), chosen.end(), [&](const LifeSpan& other) {
        return other.task != span.task && order_.OverlapOf(other, span) != Overlap::kNever;
      });
      if (!fits) continue;
      chosen.push_back(span);
      if (CanChoose(row, chosen)) return true;
      chosen.pop_back();
    }
    return false;
  }

  const std::vector<LockEdge>& edges_;
  LifeOrder& order_;
  std::set<std::set<uint32_t>> found_;
};

// T2..T5 live side by side, T6 begins when T2 has been joined.
void FillRandomly(ProcessBuilder& p, std::mt19937& random) {
  p.Main(1);
  for (uint32_t id = 2; id < 6; ++id) p.Thread(id).Life(id, 1, id);
  p.Life(2, 1, 2, 1, 10).Thread(6).Life(6, 1, 11);
  for (uint32_t lock = 1; lock <= 5; ++lock) p.Rwlock(lock);
  const uint32_t chains = 4 + random() % 8;
  for (uint32_t i = 0; i < chains; ++i) {
    std::vector<uint32_t> locks = {1, 2, 3, 4, 5};
    std::shuffle(locks.begin(), locks.end(), random);
    locks.resize(2 + random() % 2);
    std::vector<ProcessBuilder::Use> uses;
    for (uint32_t lock : locks) uses.push_back({lock, random() % 3 == 0 ? 'r' : 'w'});
    wire::LockChain& chain = p.Chain(uses, {});
    const uint32_t sightings = 1 + random() % 2;
    for (uint32_t j = 0; j < sightings; ++j) {
      const uint32_t task = 2 + random() % 5;
      wire::Sighting* sighting = chain.add_sightings();
      sighting->set_task(task);
      sighting->set_first_life(p.task(task).create_life());
      sighting->set_last_life(p.task(task).create_life());
    }
  }
}

TEST(LockCyclesTest, AgreesWithANaiveSearchOnRandomLockOrders) {
  size_t circles = 0;
  for (uint32_t seed = 0; seed < 1500; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    ProcessBuilder p;
    FillRandomly(p, random);
    const ProcessModel& process = p.Get();
    LifeOrder order(process);
    const std::vector<LockEdge> edges = LockEdges(process);
    LockCycleSearch search(edges, order);
    std::set<std::set<uint32_t>> found;
    for (const LockCycle& cycle : search.Run()) {
      const std::vector<uint32_t> locks = LocksOf(cycle);
      EXPECT_TRUE(found.insert(std::set<uint32_t>(locks.begin(), locks.end())).second);
    }
    ASSERT_FALSE(search.was_cut());
    ASSERT_EQ(found, NaiveSearch(edges, order).Run());
    circles += found.size();
  }
  EXPECT_GT(circles, 500u);
}

TEST(LockCyclesTest, ASmallBudgetCutsTheSearchAndSaysSo) {
  ProcessBuilder p;
  p.Main(1).Thread(2).Thread(3).Life(2, 1, 2).Life(3, 1, 3).Mutex(1).Mutex(2);
  p.Chain({{1}, {2}}, {2}, 2);
  p.Chain({{2}, {1}}, {3}, 3);
  const ProcessModel& process = p.Get();
  LifeOrder order(process);
  const std::vector<LockEdge> edges = LockEdges(process);
  LockCycleSearch search(edges, order, 1);
  EXPECT_THAT(search.Run(), IsEmpty());
  EXPECT_TRUE(search.was_cut());
}

}  // namespace
}  // namespace stray::analyzer
