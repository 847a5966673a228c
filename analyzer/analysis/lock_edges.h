// SPDX-License-Identifier: Apache-2.0
// lock_edges.h: the lock orders that were seen, as edges "held this, wanted that".
#ifndef STRAY_ANALYZER_ANALYSIS_LOCK_EDGES_H_
#define STRAY_ANALYZER_ANALYSIS_LOCK_EDGES_H_

#include <cstdint>
#include <vector>

#include "analyzer/analysis/life_order.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// A lock in the hand of a task.
struct LockUse {
  uint32_t object = 0;
  bool read = false;
};

// Tasks wanted `to` while they held `from`. Edges come from acquisitions that may block: not from those that
// only tried, and not from a lock that the task held already.
struct LockEdge {
  uint32_t from = 0;
  uint32_t to = 0;
  bool from_read = false;
  bool to_read = false;
  std::vector<LockUse> gates;              // all that was held, `from` included, sorted by object
  std::vector<LifeSpan> tasks;             // who did it, and when
  const wire::LockChain* chain = nullptr;  // the record
  int held = 0;                            // entry of `from` in it
};

std::vector<LockEdge> LockEdges(const ProcessModel& process);

// A task that read `object` while it already did.
struct Reread {
  uint32_t object = 0;
  const wire::LockChain* chain = nullptr;
  int held = 0;  // entry of the first read
  std::vector<LifeSpan> tasks;
};
std::vector<Reread> Rereads(const ProcessModel& process);

// Who took or wanted to take `object` for writing, as far as lock chains, held locks, waits and the rings
// of recent events tell. `site`: where, if known.
struct Writer {
  LifeSpan span;
  wire::Site site;
};
std::vector<Writer> WritersOf(const ProcessModel& process, uint32_t object);

// True if the two sets of held locks exclude each other: a lock in both, not only for reading.
bool Exclude(const std::vector<LockUse>& a, const std::vector<LockUse>& b);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_LOCK_EDGES_H_
