// SPDX-License-Identifier: Apache-2.0
// rw_mutex.cc: stray::RWMutex.
//
// Readers count themselves in one atomic. A writer first takes `writer`, then makes the count negative, which
// stops new readers, and waits for as many readers to leave as there were. All edges for TSan are told here,
// none between readers: a reader that leaves happens before the next writer, not before the next reader.
//
// Source: Go's sync/rwmutex.go.
#include "instrumentation/runtime/held_locks.h"
#include "instrumentation/runtime/panic.h"
#include "instrumentation/runtime/sync_core.h"
#include "instrumentation/tsan/happens_before.h"
#include "stray/mutex.h"

namespace stray::detail {

using runtime::WaitReason;

namespace {

constexpr int32_t kMaxReaders = 1 << 30;

// Addresses for TSan: what a reader acquires, and what only a writer acquires.
const void* ForAll(const RWMutexCore* mutex) { return &mutex->readers_wait; }
const void* ForWriters(const RWMutexCore* mutex) { return &mutex->writer_waits; }

[[gnu::noinline]] void LastReadersLeave(RWMutexCore* mutex, int32_t count) {
  if (count + 1 == 0 || count + 1 == -kMaxReaders) {
    runtime::FatalOver(
        {runtime::MisuseKind::kUnlockUnlocked, "RWMutex::RUnlock", WaitReason::kSyncRWMutexRLock, mutex},
        "sync: RUnlock of unlocked RWMutex");
  }
  if (mutex->departing.fetch_sub(1, std::memory_order_acq_rel) == 1)
    runtime::ReleaseSemaphore(mutex->writer_waits, 1);
}

void UnlockWriter(RWMutexCore* mutex) {
  runtime::UnlockCore(mutex->writer, "sync: Unlock of unlocked RWMutex");
}

using runtime::HeldLocks;
using runtime::LockCall;

bridge::HeldLock EntryOf(RWMutexCore* mutex, uint16_t flags, const LockCall& call) {
  const bool reads = (flags & bridge::kHeldForReading) != 0;
  return HeldLocks::Entry(mutex, mutex->writer.number,
                          reads ? WaitReason::kSyncRWMutexRLock : WaitReason::kSyncRWMutexLock, flags, call);
}

// Beside an agent, before and after a lock is taken.
void NoteWants(RWMutexCore* mutex, uint16_t flags, const LockCall& call) {
  if (AreLocksWatched()) [[unlikely]]
    HeldLocks::Wants(EntryOf(mutex, flags, call));
}
void NoteTaken(RWMutexCore* mutex, uint16_t flags, const LockCall& call) {
  if (!AreLocksWatched()) [[likely]]
    return;
  void* list = HeldLocks::Push(EntryOf(mutex, flags, call));
  if ((flags & bridge::kHeldForReading) == 0) mutex->writer.held_in.store(list, std::memory_order_relaxed);
}

void TellReader(const RWMutexCore* mutex, const LockCall& call) {
  if (!tsan::TellTaken(mutex, tsan::kToRead, call.pc, call.frame)) tsan::Acquire(ForAll(mutex));
}
void TellWriter(const RWMutexCore* mutex, tsan::LockMode mode, const LockCall& call) {
  if (tsan::TellTaken(mutex, mode, call.pc, call.frame)) return;
  tsan::Acquire(ForAll(mutex));
  tsan::Acquire(ForWriters(mutex));
}

}  // namespace

[[gnu::noinline]] void LockRead(RWMutexCore* mutex) noexcept {
  SchedulingPoint();
  NoteWants(mutex, bridge::kHeldForReading, STRAY_LOCK_CALL());
  if (mutex->reader_count.fetch_add(1, std::memory_order_acquire) + 1 < 0) [[unlikely]]
    runtime::AcquireSemaphore(mutex->readers_wait, WaitReason::kSyncRWMutexRLock, mutex);
  mutex->last_reader.Set(CurrentTaskId(), __builtin_return_address(0));
  NoteTaken(mutex, bridge::kHeldForReading, STRAY_LOCK_CALL());
  TellReader(mutex, STRAY_LOCK_CALL());
}

[[gnu::noinline]] bool TryLockRead(RWMutexCore* mutex) noexcept {
  SchedulingPoint();
  int32_t count = mutex->reader_count.load(std::memory_order_relaxed);
  do {
    if (count < 0) return false;
  } while (!mutex->reader_count.compare_exchange_weak(count, count + 1, std::memory_order_acquire,
                                                      std::memory_order_relaxed));
  mutex->last_reader.Set(CurrentTaskId(), __builtin_return_address(0));
  NoteTaken(mutex, bridge::kHeldForReading | bridge::kHeldByTry, STRAY_LOCK_CALL());
  TellReader(mutex, STRAY_LOCK_CALL());
  return true;
}

[[gnu::noinline]] void UnlockRead(RWMutexCore* mutex) noexcept {
  if (AreLocksWatched()) [[unlikely]]
    HeldLocks::RemoveReader(mutex);
  if (!tsan::TellGiven(mutex, __builtin_return_address(0), __builtin_frame_address(0)))
    tsan::Release(ForWriters(mutex));
  const int32_t count = mutex->reader_count.fetch_sub(1, std::memory_order_release) - 1;
  if (count < 0) [[unlikely]]
    LastReadersLeave(mutex, count);
}

[[gnu::noinline]] void LockWrite(RWMutexCore* mutex) noexcept {
  SchedulingPoint();
  NoteWants(mutex, 0, STRAY_LOCK_CALL());
  runtime::LockCore(mutex->writer, WaitReason::kSyncRWMutexLock, mutex);
  // Readers see from here on that a writer waits.
  const int32_t readers = mutex->reader_count.fetch_sub(kMaxReaders, std::memory_order_acq_rel);
  if (readers != 0 && mutex->departing.fetch_add(readers, std::memory_order_acq_rel) + readers != 0)
    runtime::AcquireSemaphore(mutex->writer_waits, WaitReason::kSyncRWMutexLock, mutex);
  mutex->writer.holder.Set(CurrentTaskId(), __builtin_return_address(0));
  NoteTaken(mutex, 0, STRAY_LOCK_CALL());
  TellWriter(mutex, tsan::kToWrite, STRAY_LOCK_CALL());
}

[[gnu::noinline]] bool TryLockWrite(RWMutexCore* mutex) noexcept {
  SchedulingPoint();
  if (!runtime::TryLockCore(mutex->writer)) return false;
  int32_t none = 0;
  if (!mutex->reader_count.compare_exchange_strong(none, -kMaxReaders, std::memory_order_acq_rel)) {
    UnlockWriter(mutex);
    return false;
  }
  mutex->writer.holder.Set(CurrentTaskId(), __builtin_return_address(0));
  NoteTaken(mutex, bridge::kHeldByTry, STRAY_LOCK_CALL());
  TellWriter(mutex, tsan::kByTry, STRAY_LOCK_CALL());
  return true;
}

[[gnu::noinline]] void UnlockWrite(RWMutexCore* mutex) noexcept {
  if (AreLocksWatched()) [[unlikely]]
    HeldLocks::Remove(mutex->writer.held_in.exchange(nullptr, std::memory_order_relaxed), mutex);
  if (!tsan::TellGiven(mutex, __builtin_return_address(0), __builtin_frame_address(0)))
    tsan::Release(ForAll(mutex));
  const int32_t waiting = mutex->reader_count.fetch_add(kMaxReaders, std::memory_order_acq_rel) + kMaxReaders;
  if (waiting >= kMaxReaders) {
    runtime::FatalOver(
        {runtime::MisuseKind::kUnlockUnlocked, "RWMutex::Unlock", WaitReason::kSyncRWMutexLock, mutex},
        "sync: Unlock of unlocked RWMutex");
  }
  if (waiting != 0) runtime::ReleaseSemaphore(mutex->readers_wait, static_cast<uint32_t>(waiting));
  UnlockWriter(mutex);
}

}  // namespace stray::detail
