// SPDX-License-Identifier: Apache-2.0
// fate.h: what has become of a task: whether it has ended, and when.
#ifndef STRAY_ANALYZER_ANALYSIS_FATE_H_
#define STRAY_ANALYZER_ANALYSIS_FATE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "analyzer/model/model.h"

namespace stray::analyzer {

// True if `task` is known to have ended by now.
bool HasEnded(const ProcessModel& process, uint32_t task);

// How long before `snapshot`, which may be null, `task` ended. Absent: it has not, or nobody noted when.
std::optional<uint64_t> EndedBefore(const ProcessModel& process, const SnapshotModel* snapshot, uint32_t task);

// "ended 2.1 s before the snapshot", "ended 30 ms before the program did", "has ended"; "" if it has not.
std::string EndedClause(const ProcessModel& process, const SnapshotModel* snapshot, uint32_t task);

// "ended 2.1 s before the snapshot"; "is now blocked in chan send at F (f.cc:3)"; "" if it does anything else,
// or nothing is known.
std::string FateClause(const ProcessModel& process, const SnapshotModel* snapshot, uint32_t task);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_FATE_H_
