// SPDX-License-Identifier: Apache-2.0
// reachability.h: who can reach what tasks wait for, as the agent has read it off the memory of the process.
//
//   task ----> piece of memory ----> piece of memory ----> address that somebody waits for
//   anybody ---^
//
// An edge says: whoever has the first can use the second. Of an address that no edge leads to nothing is known;
// one that nobody can reach any more has an edge from the memory that it lies in, and that memory has none.
#ifndef STRAY_ANALYZER_ANALYSIS_REACHABILITY_H_
#define STRAY_ANALYZER_ANALYSIS_REACHABILITY_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// Whoever can reach something: a task or a piece of memory by its number, or, with neither, all that still run.
struct Reacher {
  uint32_t task = 0;
  uint32_t memory = 0;
};

class Reachability {
 public:
  // `snapshot` must outlive it.
  explicit Reachability(const SnapshotModel& snapshot);

  // False: the agent was not asked, or could not tell. Nothing may be concluded then.
  bool IsComplete() const { return is_complete_; }

  // Null: nothing is known.
  const std::vector<Reacher>* OfAddress(uint64_t address) const;
  // Numbers of memory are those of the edges, dense from 1; 0 is not used.
  uint32_t memory_count() const { return static_cast<uint32_t>(of_memory_.size()); }
  absl::Span<const Reacher> OfMemory(uint32_t number) const { return of_memory_[number - 1]; }

  // Every task that can reach `address` by itself or through memory, each once, in no order.
  std::vector<uint32_t> TasksWith(uint64_t address) const;

 private:
  bool is_complete_ = false;
  absl::flat_hash_map<uint64_t, std::vector<Reacher>> of_address_;
  std::vector<std::vector<Reacher>> of_memory_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_REACHABILITY_H_
