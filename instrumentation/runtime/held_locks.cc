// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/held_locks.h"

#include <string.h>

#include "instrumentation/runtime/recent_operations.h"
#include "instrumentation/runtime/scheduler.h"
#include "instrumentation/runtime/sync_core.h"
#include "instrumentation/runtime/word_lock.h"
#include "instrumentation/tsan/happens_before.h"

namespace stray {

namespace runtime {
namespace {

// Stays with the record of a task, from one goroutine to the next; so TSan must not see who uses it.
struct List : bridge::HeldLocks {
  WordLock lock;
};

// The list changes as long as it lives; the agent, which takes no lock, sees that it does.
class Change {
 public:
  explicit Change(List& list) : list_(list), guard_(list.lock) {
    list_.version.fetch_add(1, std::memory_order_acq_rel);
  }
  ~Change() { list_.version.fetch_add(1, std::memory_order_release); }

 private:
  List& list_;
  tsan::IgnoreScope unseen_;
  WordGuard guard_;
};

List* ListOf(const Task* task) { return static_cast<List*>(task->record.held); }

bool RemoveFrom(List& list, const void* object, uint16_t flags) {
  Change change(list);
  for (uint32_t i = list.count; i > 0; --i) {
    bridge::HeldLock* lock = &list.locks[i - 1];
    if (lock->object != object || (lock->flags & bridge::kHeldForReading) != flags) continue;
    memmove(static_cast<void*>(lock), lock + 1, (list.count - i) * sizeof(*lock));
    --list.count;
    return true;
  }
  if (list.unlisted == 0) return false;
  --list.unlisted;
  return true;
}

struct Search {
  const void* object;
  bool is_over;
};

void RemoveFromAny(Task* task, void* argument) {
  auto* search = static_cast<Search*>(argument);
  List* list = ListOf(task);
  if (search->is_over || list == nullptr || list->count == 0) return;
  search->is_over = RemoveFrom(*list, search->object, bridge::kHeldForReading);
}

}  // namespace

bridge::HeldLock HeldLocks::Entry(const void* object, std::atomic<uint32_t>& number, WaitReason wait_reason,
                                  uint16_t flags, const LockCall& call) {
  return {object, &number, bridge::AgentLink::Services()->site_of(call.pc, call.frame),
          static_cast<uint16_t>(wait_reason), flags};
}

void HeldLocks::Wants(const bridge::HeldLock& lock) {
  Task* task = CurrentTask();
  List* list = ListOf(task);
  if (list == nullptr || list->count == 0) return;
  bridge::HeldLock held[bridge::kMostHeld];
  uint32_t count;
  {
    const tsan::IgnoreScope unseen;
    WordGuard guard(list->lock);  // others may give back what this task has
    count = list->count;
    memcpy(static_cast<void*>(held), list->locks, count * sizeof(held[0]));
  }
  if (count != 0) bridge::AgentLink::Services()->note_lock_order(&task->record, held, count, &lock);
}

void* HeldLocks::Push(const bridge::HeldLock& lock) {
  RecentOperations::Note((lock.flags & bridge::kHeldForReading) != 0 ? Operation::kReadLock : Operation::kLock,
                         lock.object, lock.site);
  Task* task = CurrentTask();
  const tsan::IgnoreScope unseen;
  if (task->record.held == nullptr) task->record.held = new List();
  List& list = *ListOf(task);
  Change change(list);
  if (list.count == bridge::kMostHeld) {
    ++list.unlisted;
  } else {
    list.locks[list.count++] = lock;
  }
  return &list;
}

void HeldLocks::Remove(void* list, const void* object) {
  RecentOperations::Note(Operation::kUnlock, object);
  if (list != nullptr) RemoveFrom(*static_cast<List*>(list), object, 0);
}

void HeldLocks::RemoveReader(const void* object) {
  RecentOperations::Note(Operation::kRwUnlock, object);
  List* own = ListOf(CurrentTask());
  if (own != nullptr && RemoveFrom(*own, object, bridge::kHeldForReading)) return;
  Search search = {object, false};
  Scheduler::ForEachTask(&RemoveFromAny, &search);
}

void HeldLocks::Clear(Task* task) {
  List* list = ListOf(task);
  if (list == nullptr || (list->count == 0 && list->unlisted == 0)) return;
  bridge::AgentLink::Services()->keep_life(&task->record);  // others may wait for what it has
  Change change(*list);
  list->count = list->unlisted = 0;
}

}  // namespace runtime

namespace detail {

constinit std::atomic<bool> locks_are_watched{false};

}  // namespace detail

}  // namespace stray
