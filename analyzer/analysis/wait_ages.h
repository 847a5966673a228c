// SPDX-License-Identifier: Apache-2.0
// wait_ages.h: which waits last from one snapshot of a process to the next.
//
// A snapshot of a program at work looks at one task after the other, so what it shows need never have been so
// at one moment. What stood in the same wait in two snapshots did stand in it all the time between: such waits
// were so together, at each moment between the two.
#ifndef STRAY_ANALYZER_ANALYSIS_WAIT_AGES_H_
#define STRAY_ANALYZER_ANALYSIS_WAIT_AGES_H_

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

class WaitAges {
 public:
  // Adds the newest snapshot. It holds as much as the snapshot has blocked tasks.
  void Add(const SnapshotModel& snapshot);

  // In how many earlier snapshots, one after the other up to the last one but this, the task was in the wait in
  // which it is in the newest. 0: in none, or it is not blocked.
  uint32_t AgeOf(uint32_t task) const;

 private:
  struct Wait {
    uint64_t since_ns = 0;
    uint64_t address = 0;
    uint32_t object = 0;
    uint32_t age = 0;   // earlier snapshots that show it
    uint32_t seen = 0;  // the same with the newest, if the wait was old enough there to be told from others
  };

  absl::flat_hash_map<uint32_t, Wait> waits_;  // by task
};

// Takes every task whose wait has no age for one that runs, and so can do anything: what is then still found to
// be stuck was so at one moment. For a snapshot during which the program went on.
void KeepLastingWaits(const WaitAges& ages, SnapshotModel& snapshot);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_WAIT_AGES_H_
