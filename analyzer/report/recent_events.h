// SPDX-License-Identifier: Apache-2.0
// recent_events.h: the last operations on an object, as the tasks' rings of recent events kept them.
//
// They explain waits that no holder explains: a condition that was signalled before anybody waited, a
// semaphore that was posted once too few. No clock is read when events are recorded; the order within one
// object is that of Event.sequence, and there is none between objects.
#ifndef STRAY_ANALYZER_REPORT_RECENT_EVENTS_H_
#define STRAY_ANALYZER_REPORT_RECENT_EVENTS_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

struct RecentEvent {
  uint32_t task = 0;  // who did it
  const wire::Event* event = nullptr;
};

class RecentEvents {
 public:
  // Looks through the events of all tasks once. `process` must outlive this.
  RecentEvents(const ProcessModel& process, const absl::flat_hash_set<uint32_t>& objects);

  // The most telling few operations on `object`, oldest first: the newest that could have woken a waiter
  // (signal, post, unlock, ...) and the newest others, `limit` together. Nothing for an object that was
  // not among those asked for.
  std::vector<RecentEvent> Telling(uint32_t object, size_t limit) const;

  // True if an operation that wakes waiters is among those kept for `object`.
  bool HasWake(uint32_t object) const;

 private:
  absl::flat_hash_map<uint32_t, std::vector<RecentEvent>> by_object_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_RECENT_EVENTS_H_
