// SPDX-License-Identifier: Apache-2.0
// lock_holders.h: who holds which lock in a snapshot, and which locks an ended task took with it.
#ifndef STRAY_ANALYZER_ANALYSIS_LOCK_HOLDERS_H_
#define STRAY_ANALYZER_ANALYSIS_LOCK_HOLDERS_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/types/span.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

class LockHolders {
 public:
  struct Holder {
    uint32_t index = 0;  // in SnapshotModel::tasks
    bool read = false;
  };

  // Reads TaskState.held and Object.holder. A mutex given up for a condition wait is not held.
  LockHolders(const ProcessModel& process, const SnapshotModel& snapshot);

  // Live holders of `object`, in the order of the snapshot.
  absl::Span<const Holder> HoldersOf(uint32_t object) const;

  // The task that ended while it held `object`, which nobody has unlocked since, and where it took it. Task 0
  // if there is none or it is not known. Robust locks are handed on by the kernel: always 0.
  struct Ended {
    uint32_t task = 0;
    wire::Site site;
  };
  Ended EndedHolder(uint32_t object) const;

  // True if `object`, which has no known holder, is known to be free: robust and its owner gone, or given
  // back last. Who still waits for it is about to get it.
  bool IsFree(uint32_t object) const { return free_.contains(object); }

 private:
  void AddEndedHolder(const ProcessModel& process, uint32_t object, const Ended& ended);
  void AddFromEvents(const ProcessModel& process, const SnapshotModel& snapshot);

  absl::flat_hash_map<uint32_t, std::vector<Holder>> holders_;
  absl::flat_hash_map<uint32_t, Ended> ended_;
  absl::flat_hash_set<uint32_t> free_;
};

// True if task state `state` is a condition wait that has given up `object` meanwhile.
bool HasGivenUp(const wire::TaskState& state, const wire::Held& held, const wire::Object* object);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_LOCK_HOLDERS_H_
