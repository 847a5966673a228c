// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/lock_holders.h"

#include <algorithm>

#include "analyzer/analysis/event_order.h"
#include "analyzer/analysis/wait_words.h"

namespace stray::analyzer {
namespace {

// The newest operation on a lock that the rings of the tasks remember.
struct NewestEvent {
  uint32_t sequence = 0;
  LockHolders::Ended ended;  // task 0: it has not ended
  bool seen = false;
  bool takes = false;  // the lock was taken
  bool gives = false;  // it was given back
};

bool TakesLock(absl::string_view kind) { return kind == "lock" || kind == "rdlock" || kind == "wrlock"; }

bool IsLockEvent(absl::string_view kind) {
  return TakesLock(kind) || kind == "trylock" || kind == "unlock" || kind == "rwunlock" || kind == "init" ||
         kind == "destroy";
}

bool IsFinished(const ProcessModel& process, const wire::TaskState& state) {
  const wire::Task* task = process.FindTask(state.task());
  return state.state() == "finished" || (task != nullptr && task->finished());
}

}  // namespace

bool HasGivenUp(const wire::TaskState& state, const wire::Held& held, const wire::Object* object) {
  if (state.state() != "blocked" || state.mutex() == 0 || state.mutex() != held.object()) return false;
  // glibc gives up one level of a recursive mutex: what was locked twice stays locked.
  return object == nullptr || !object->recursive() || held.count() < 2;
}

LockHolders::LockHolders(const ProcessModel& process, const SnapshotModel& snapshot) {
  for (uint32_t index = 0; index < snapshot.tasks.size(); ++index) {
    const wire::TaskState& state = snapshot.tasks[index];
    const bool finished = IsFinished(process, state);
    for (const wire::Held& held : state.held()) {
      if (finished) {
        AddEndedHolder(process, held.object(), {state.task(), held.site()});
      } else if (!HasGivenUp(state, held, process.FindObject(held.object()))) {
        holders_[held.object()].push_back({index, held.read()});
      }
    }
    if (!finished && state.state() == "blocked" && state.mutex() != 0) free_.insert(state.mutex());
  }
  for (const wire::Object& object : process.objects) {
    if (object.holder() == 0) continue;
    auto it = snapshot.by_task.find(object.holder());
    if (it == snapshot.by_task.end()) {
      const wire::Task* holder = process.FindTask(object.holder());
      if (holder != nullptr && holder->finished() && HoldersOf(object.id()).empty())
        AddEndedHolder(process, object.id(), {object.holder(), object.held_site()});
      continue;
    }
    if (IsFinished(process, snapshot.tasks[it->second])) continue;
    std::vector<Holder>& holders = holders_[object.id()];
    const uint32_t index = it->second;
    auto is_same = [index](const Holder& holder) { return holder.index == index; };
    if (std::none_of(holders.begin(), holders.end(), is_same)) holders.push_back({index, false});
  }
  for (const wire::Misuse& misuse : process.misuses) {
    if (misuse.kind() != "ended-holding") continue;
    AddEndedHolder(process, misuse.object(), {misuse.task(), misuse.other_site()});
  }
  AddFromEvents(process, snapshot);
}

absl::Span<const LockHolders::Holder> LockHolders::HoldersOf(uint32_t object) const {
  auto it = holders_.find(object);
  return it == holders_.end() ? absl::Span<const Holder>() : absl::MakeConstSpan(it->second);
}

LockHolders::Ended LockHolders::EndedHolder(uint32_t object) const {
  auto it = ended_.find(object);
  return it == ended_.end() ? Ended() : it->second;
}

void LockHolders::AddEndedHolder(const ProcessModel& process, uint32_t object, const Ended& ended) {
  const wire::Object* record = process.FindObject(object);
  if (record != nullptr && record->robust()) {
    free_.insert(object);
  } else {
    ended_.emplace(object, ended);
  }
}

// Looks at locks that are waited for and that nobody is known to hold. If the newest operation was a lock by
// a task that has ended since, it is lost; if it was an unlock, the lock is free.
void LockHolders::AddFromEvents(const ProcessModel& process, const SnapshotModel& snapshot) {
  absl::flat_hash_map<uint32_t, NewestEvent> newest;  // by object
  for (const wire::TaskState& state : snapshot.tasks) {
    const uint32_t object = state.object();
    if (state.state() != "blocked" || WaitOf(process, state).waker != Waker::kHolder) continue;
    if (HoldersOf(object).empty() && EndedHolder(object).task == 0) newest[object];
  }
  if (newest.empty()) return;
  for (const wire::Task& task : process.tasks) {
    const wire::TaskState* state = snapshot.Find(task.id());
    for (const wire::Event& event : task.events()) {
      auto it = newest.find(event.object());
      if (it == newest.end() || !IsLockEvent(event.kind())) continue;
      // The attempt of a waiter to take the lock is no operation on it yet.
      if (state != nullptr && state->object() == event.object() && TakesLock(event.kind())) continue;
      NewestEvent& best = it->second;
      if (best.seen && !IsNewer(event.sequence(), best.sequence)) continue;
      best = {event.sequence(),
              {task.finished() ? task.id() : 0, event.site()},
              true,
              TakesLock(event.kind()),
              event.kind() == "unlock" || event.kind() == "rwunlock"};
    }
  }
  for (const auto& [object, event] : newest) {
    if (event.takes && event.ended.task != 0) AddEndedHolder(process, object, event.ended);
    if (event.gives) free_.insert(object);
  }
}

}  // namespace stray::analyzer
