// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/reachability.h"

#include "absl/container/flat_hash_set.h"

namespace stray::analyzer {

Reachability::Reachability(const SnapshotModel& snapshot) : is_complete_(snapshot.info.reach() == "complete") {
  // The numbers of a hostile dump may be anything.
  absl::flat_hash_map<uint32_t, uint32_t> dense;
  const auto number_of = [&](uint32_t memory) {
    if (memory == 0) return uint32_t{0};
    const auto [it, is_new] = dense.try_emplace(memory, static_cast<uint32_t>(of_memory_.size() + 1));
    if (is_new) of_memory_.emplace_back();
    return it->second;
  };
  for (const wire::ReachEdge& edge : snapshot.reach) {
    const Reacher reacher = {edge.task(), number_of(edge.memory())};
    if (edge.to_memory() != 0) {
      const uint32_t memory = number_of(edge.to_memory());
      of_memory_[memory - 1].push_back(reacher);
    } else {
      of_address_[edge.to_address()].push_back(reacher);
    }
  }
}

const std::vector<Reacher>* Reachability::OfAddress(uint64_t address) const {
  const auto it = of_address_.find(address);
  return it == of_address_.end() ? nullptr : &it->second;
}

std::vector<uint32_t> Reachability::TasksWith(uint64_t address) const {
  std::vector<uint32_t> tasks;
  const std::vector<Reacher>* first = OfAddress(address);
  if (first == nullptr) return tasks;
  absl::flat_hash_set<uint32_t> seen_tasks, seen_memory;
  std::vector<Reacher> queue = *first;
  while (!queue.empty()) {
    const Reacher reacher = queue.back();
    queue.pop_back();
    if (reacher.task != 0 && seen_tasks.insert(reacher.task).second) tasks.push_back(reacher.task);
    if (reacher.memory == 0 || !seen_memory.insert(reacher.memory).second) continue;
    const auto more = OfMemory(reacher.memory);
    queue.insert(queue.end(), more.begin(), more.end());
  }
  return tasks;
}

}  // namespace stray::analyzer
