// SPDX-License-Identifier: Apache-2.0
// random_snapshot.h: snapshots for comparing the analysis with naive twins.
#ifndef STRAY_TESTS_UNIT_ANALYZER_ANALYSIS_RANDOM_SNAPSHOT_H_
#define STRAY_TESTS_UNIT_ANALYZER_ANALYSIS_RANDOM_SNAPSHOT_H_

#include <cstdint>
#include <random>

#include "tests/unit/analyzer/analysis/process_builder.h"

namespace stray::analyzer {

inline constexpr uint32_t kRandomMutexes = 4;  // objects 1..4; rwlocks are 5 and 6
inline constexpr uint32_t kRandomRwlocks = 2;

// A state that real programs can be in: a mutex has one holder, an rwlock one writer or some readers.
inline void FillWithRandomSnapshot(ProcessBuilder& p, std::mt19937& random) {
  const uint32_t tasks = 2 + random() % 8;
  for (uint32_t object = 1; object <= kRandomMutexes; ++object) p.Mutex(object);
  for (uint32_t object = kRandomMutexes + 1; object <= kRandomMutexes + kRandomRwlocks; ++object)
    p.Rwlock(object);
  for (uint32_t id = 1; id <= tasks; ++id) {
    p.Thread(id);
    const uint32_t mutex = 1 + random() % kRandomMutexes;
    const uint32_t rwlock = kRandomMutexes + 1 + random() % kRandomRwlocks;
    switch (random() % 12) {
      case 0:
        p.Running(id);
        break;
      case 1:
        p.Blocked(id, "nanosleep");
        break;
      case 2:
      case 3:
      case 4:
        p.Blocked(id, "pthread_mutex_lock", mutex);
        break;
      case 5:
      case 6:
        p.Blocked(id, "pthread_rwlock_wrlock", rwlock);
        break;
      case 7:
        p.Blocked(id, "pthread_rwlock_rdlock", rwlock);
        break;
      case 8:
      case 9:
        p.Joins(id, 1 + random() % tasks);
        break;
      case 10:
        p.Blocked(id, "pthread_cond_wait");
        p.state(id).set_mutex(mutex);
        break;
      default:
        p.Blocked(id, "sem_wait");
        break;
    }
  }
  auto other_than_cond_waiter = [&](uint32_t object) -> uint32_t {
    const uint32_t id = 1 + random() % tasks;
    return p.state(id).mutex() == object ? 0 : id;  // it would have given the mutex up
  };
  for (uint32_t object = 1; object <= kRandomMutexes; ++object) {
    const uint32_t holder = other_than_cond_waiter(object);
    if (holder != 0) p.Holds(holder, object);
  }
  for (uint32_t object = kRandomMutexes + 1; object <= kRandomMutexes + kRandomRwlocks; ++object) {
    if (random() % 2 == 0) {
      p.Holds(1 + random() % tasks, object);
    } else {
      for (uint32_t id = 1; id <= tasks; ++id) {
        if (random() % 3 == 0) p.Reads(id, object);
      }
    }
  }
}

}  // namespace stray::analyzer

#endif  // STRAY_TESTS_UNIT_ANALYZER_ANALYSIS_RANDOM_SNAPSHOT_H_
