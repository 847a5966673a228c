// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/lockset.h"

#include <algorithm>

namespace stray::analyzer {

void Lockset::Access(const TraceEvent& event) {
  if (event.operand >= variables_.size()) variables_.resize(event.operand + 1);
  Variable& variable = variables_[event.operand];
  const std::vector<Held>& held = held_[event.task];
  const auto protects = [&](const Held& one) { return event.op == TraceOp::kRead || one.writes != 0; };
  const auto is_held = [&](uint32_t lock) {
    return std::any_of(held.begin(), held.end(),
                       [&](const Held& one) { return one.lock == lock && protects(one); });
  };
  if (!variable.is_known) {
    variable.is_known = true;
    for (const Held& one : held) {
      if (protects(one)) variable.locks.push_back(one.lock);
    }
  } else {
    if (event.task != variable.last_task) {
      variable.is_shared = true;
      variable.last_of_other = variable.last;
    }
    std::erase_if(variable.locks, [&](uint32_t lock) { return !is_held(lock); });
  }
  variable.is_written = variable.is_written || event.op == TraceOp::kWrite;
  variable.last_task = event.task;
  variable.last = next_;
  if (variable.is_shared && variable.is_written && variable.locks.empty())
    on_suspicion_({variable.last_of_other, next_});
}

void Lockset::Acquire(const TraceEvent& event) {
  std::vector<Held>& held = held_[event.task];
  auto found =
      std::find_if(held.begin(), held.end(), [&](const Held& one) { return one.lock == event.operand; });
  if (found == held.end()) found = held.insert(held.end(), {event.operand, 0, 0});
  ++(event.op == TraceOp::kAcquireRead ? found->reads : found->writes);
}

void Lockset::Release(const TraceEvent& event) {
  std::vector<Held>& held = held_[event.task];
  const auto found =
      std::find_if(held.begin(), held.end(), [&](const Held& one) { return one.lock == event.operand; });
  if (found == held.end()) return;
  uint32_t& times = event.op == TraceOp::kReleaseRead ? found->reads : found->writes;
  if (times != 0) --times;
  if (found->reads == 0 && found->writes == 0) held.erase(found);
}

void Lockset::Add(const TraceEvent& event) {
  if (event.task >= held_.size()) held_.resize(event.task + 1);
  if (IsAcquire(event.op)) {
    Acquire(event);
  } else if (event.op == TraceOp::kRelease || event.op == TraceOp::kReleaseRead) {
    Release(event);
  } else if (IsAccess(event.op)) {
    Access(event);
  }
  ++next_;
}

}  // namespace stray::analyzer
