// SPDX-License-Identifier: Apache-2.0
// box_snapshot.h: the snapshots of a black box: the one the agent took, and the one death left behind.
#ifndef STRAY_ANALYZER_LOAD_BOX_SNAPSHOT_H_
#define STRAY_ANALYZER_LOAD_BOX_SNAPSHOT_H_

#include <optional>
#include <vector>

#include "agent/wire/goroutine_records.h"
#include "agent/wire/reach.h"
#include "analyzer/load/black_box_bytes.h"
#include "analyzer/load/box_records.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// The task records of a snapshot, copied out of region kSnapshot. Events are not part of it: rings are empty.
struct BoxSnapshot {
  box::SnapshotHeader header;
  std::vector<box::TaskRecord> tasks;
  std::vector<box::TaskRecord> machines;  // threads that run goroutines
  std::vector<box::GoroutineState> goroutines;
  std::vector<box::ReachRecord> reach;
};

// The snapshot the agent took, or nothing if there is none, or if a new one was taken while we read.
std::optional<BoxSnapshot> ReadBoxSnapshot(const BlackBoxBytes& box);

// All published records of the task table, without the agent's own tasks.
std::vector<box::TaskRecord> ReadTaskTable(const BlackBoxBytes& box);

// `snapshot` as it goes into a dump: finished tasks left out.
SnapshotModel ToSnapshotModel(const BlackBoxBytes& box, const BoxSnapshot& snapshot, BoxRecords& records);

// Whether `snapshot` was taken on demand and the tasks went on after it, so that it does not show the end.
bool WentOnAfter(const BoxSnapshot& snapshot, const std::vector<box::TaskRecord>& table);

// What the task table of a dead process says about its last moment. Stacks are those of `last`, for tasks that
// are still in the wait in which it found them; the others have none.
SnapshotModel PostMortem(const BlackBoxBytes& box, const std::optional<BoxSnapshot>& last,
                         const std::vector<box::TaskRecord>& table, BoxRecords& records);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_BOX_SNAPSHOT_H_
