// SPDX-License-Identifier: Apache-2.0
// deadlocks.h: deadlock.cycle, deadlock.self and deadlock.all of one snapshot.
//
//   deadlock.cycle  a circle of two and more tasks; circles with the same stacks are one finding
//   deadlock.self   a circle of one
//   deadlock.all    every task is stuck; only while the program runs, since at its end the leftovers are
//                   leaks. Not beside a deadlock.self of the only thread, which says it all.
#ifndef STRAY_ANALYZER_ANALYSIS_DEADLOCKS_H_
#define STRAY_ANALYZER_ANALYSIS_DEADLOCKS_H_

#include <cstdint>
#include <vector>

#include "analyzer/analysis/diagnosis.h"
#include "analyzer/analysis/finding.h"

namespace stray::analyzer {

std::vector<Finding> FindDeadlocks(const Diagnosis& diagnosis);

// The locks of each circle that runs through locks only, sorted: orders that did deadlock.
std::vector<std::vector<uint32_t>> DeadlockedLocks(const Diagnosis& diagnosis);

// True if FindDeadlocks() reports that everything is stuck, so that nobody needs to list the stuck tasks
// again.
bool IsDeadlockOfAll(const Diagnosis& diagnosis);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_DEADLOCKS_H_
