// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/wait_ages.h"

#include <utility>

namespace stray::analyzer {
namespace {

// The clock that goroutines read is some milliseconds old: two waits within that time may show the same.
constexpr uint64_t kClockGrainNs = 20'000'000;

}  // namespace

void WaitAges::Add(const SnapshotModel& snapshot) {
  absl::flat_hash_map<uint32_t, Wait> now;
  for (const wire::TaskState& state : snapshot.tasks) {
    if (state.state() != "blocked" || state.since_ns() == 0) continue;
    Wait wait = {state.since_ns(), state.address(), state.object()};
    const auto before = waits_.find(state.task());
    if (before != waits_.end() && before->second.since_ns == wait.since_ns &&
        before->second.address == wait.address && before->second.object == wait.object) {
      wait.age = before->second.seen;
    }
    wait.seen = wait.age + (state.wait_ns() >= kClockGrainNs ? 1 : 0);
    now.emplace(state.task(), wait);
  }
  waits_ = std::move(now);
}

uint32_t WaitAges::AgeOf(uint32_t task) const {
  const auto wait = waits_.find(task);
  return wait == waits_.end() ? 0 : wait->second.age;
}

void KeepLastingWaits(const WaitAges& ages, SnapshotModel& snapshot) {
  for (wire::TaskState& state : snapshot.tasks) {
    if (state.state() != "blocked" || ages.AgeOf(state.task()) != 0) continue;
    state.set_state("running");
    state.clear_wait_reason();
    state.clear_call();
    state.clear_object();
    state.clear_address();
    state.clear_waits_for_task();
    state.clear_cases();
    state.clear_mutex();
    state.clear_wait_ns();
    state.clear_since_ns();
  }
}

}  // namespace stray::analyzer
