// SPDX-License-Identifier: Apache-2.0
// trace_tasks.h: which task each event of a recorded trace is of.
#ifndef STRAY_ANALYZER_LOAD_TRACE_TASKS_H_
#define STRAY_ANALYZER_LOAD_TRACE_TASKS_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "agent/wire/goroutine_records.h"
#include "analyzer/load/trace_locks.h"

namespace stray::analyzer {

// Who runs on each thread, and who is there at all. Tasks are numbered as they come.
class TraceTasks {
 public:
  uint32_t OfThread(uint32_t serial) { return Number(serial, 0); }
  uint32_t OfFiber(uint64_t fiber) { return Number(0, fiber); }
  uint32_t Running(uint32_t stream) {
    if (stream == last_stream_ && knows_last_) return last_task_;
    const auto fiber = fibers_.find(stream);
    last_stream_ = stream;
    knows_last_ = true;
    return last_task_ =
               fiber == fibers_.end() || fiber->second == 0 ? OfThread(stream) : OfFiber(fiber->second);
  }
  void Switch(uint32_t stream, uint64_t fiber) {
    fibers_[stream] = fiber;
    knows_last_ = false;
  }
  void Name(uint64_t fiber, uint64_t goroutine) {
    ids_[OfFiber(fiber)] = box::kFirstGoroutine + static_cast<uint32_t>(goroutine);
  }
  // In the model; 0: it is no task of the program.
  const std::vector<uint32_t>& ids() const { return ids_; }

 private:
  uint32_t Number(uint32_t serial, uint64_t fiber) {
    const auto [it, is_new] = numbers_.try_emplace({serial, fiber}, static_cast<uint32_t>(ids_.size()));
    if (is_new) ids_.push_back(serial);
    return it->second;
  }

  absl::flat_hash_map<std::pair<uint32_t, uint64_t>, uint32_t> numbers_;
  absl::flat_hash_map<uint32_t, uint64_t> fibers_;  // by stream: what runs there, 0: the thread itself
  std::vector<uint32_t> ids_;
  // Most events are of the task of the one before.
  uint32_t last_stream_ = 0, last_task_ = 0;
  bool knows_last_ = false;
};

class TaskSet {
 public:
  bool IsEmpty() const { return has_.empty(); }
  bool Has(uint32_t task) const { return task < has_.size() && has_[task]; }
  // False: it was there.
  bool Add(uint32_t task) {
    if (Has(task)) return false;
    if (task >= has_.size()) has_.resize(task + 1);
    return has_[task] = true;
  }

 private:
  std::vector<bool> has_;
};

// What all passes see in the same way.
struct TracePass {
  TraceTasks tasks;
  absl::flat_hash_map<LockKey, LockState> locks;
  TaskSet joined;

  // False: this cannot be.
  bool Join(uint32_t task, uint32_t child) { return child != task && !joined.Has(task) && joined.Add(child); }
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_TRACE_TASKS_H_
