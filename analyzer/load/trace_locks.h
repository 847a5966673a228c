// SPDX-License-Identifier: Apache-2.0
// trace_locks.h: how the events of a recorded trace use locks, and whether that can be.
#ifndef STRAY_ANALYZER_LOAD_TRACE_LOCKS_H_
#define STRAY_ANALYZER_LOAD_TRACE_LOCKS_H_

#include <cstdint>
#include <map>

#include "agent/wire/black_box.h"
#include "analyzer/load/trace_blocks.h"

namespace stray::analyzer {

// How an event of a hook uses a lock.
enum class LockUse : uint8_t { kNone, kTake, kTry, kRead, kGive };

inline LockUse LockUseOf(box::EventKind kind) {
  switch (kind) {
    case box::EventKind::kLock:
    case box::EventKind::kWriteLock:
      return LockUse::kTake;
    case box::EventKind::kTryLock:
      return LockUse::kTry;
    case box::EventKind::kReadLock:
      return LockUse::kRead;
    case box::EventKind::kUnlock:
    case box::EventKind::kRwUnlock:
      return LockUse::kGive;
    default:
      return LockUse::kNone;
  }
}

inline LockUse LockUseOf(const TraceWords& event) {
  if (event.op() == trace::Op::kLockGiven) return LockUse::kGive;
  if (event.op() == trace::Op::kHook) return LockUseOf(static_cast<box::EventKind>(event.argument()));
  if (event.argument() == trace::kToRead) return LockUse::kRead;
  return event.argument() == trace::kByTry ? LockUse::kTry : LockUse::kTake;
}

// What a lock is told apart by: its object in the model, or its address, which only locks of the runtime have.
using LockKey = uint64_t;
inline constexpr LockKey kByAddress = LockKey{1} << 63;
inline LockKey LockKeyOf(const TraceWords& event) {
  return event.op() == trace::Op::kHook || event.op() == trace::Op::kRequest ? event.operand()
                                                                             : kByAddress | event.operand();
}

// Watches that locks are used as locks can be.
class LockState {
 public:
  // How `task` gives the lock back: kTake or kRead as it was taken. kNone: this cannot be.
  LockUse Use(uint32_t task, LockUse use) {
    if (use == LockUse::kGive) return Give(task);
    if (use == LockUse::kRead) {
      if (depth_ != 0) return LockUse::kNone;
      ++readers_[task];
      return use;
    }
    const bool is_free = depth_ == 0 || holder_ == task;
    if (!is_free || !readers_.empty()) return LockUse::kNone;
    holder_ = task;
    ++depth_;
    return use;
  }

 private:
  LockUse Give(uint32_t task) {
    if (depth_ != 0 && holder_ == task) {
      --depth_;
      return LockUse::kTake;
    }
    const auto reader = readers_.find(task);
    if (reader == readers_.end()) return LockUse::kNone;
    if (--reader->second == 0) readers_.erase(reader);
    return LockUse::kRead;
  }

  uint32_t holder_ = 0, depth_ = 0;
  std::map<uint32_t, uint32_t> readers_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_TRACE_LOCKS_H_
