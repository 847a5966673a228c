// SPDX-License-Identifier: Apache-2.0
// unseen.cc: what templates of the public headers need of the runtime, so that TSan sees the edges of the Go
// memory model in them, and no others.
#include <utility>

#include "instrumentation/runtime/panic.h"
#include "instrumentation/runtime/scheduler.h"
#include "instrumentation/runtime/sync_core.h"
#include "instrumentation/tsan/happens_before.h"
#include "stray/atomic.h"
#include "stray/map.h"
#include "stray/pool.h"

namespace stray::detail {

namespace {

runtime::WordLock* LockIn(std::atomic<uint32_t>* word) { return reinterpret_cast<runtime::WordLock*>(word); }

}  // namespace

void LockUnseen(std::atomic<uint32_t>* word) noexcept { LockIn(word)->Lock(); }
bool TryLockUnseen(std::atomic<uint32_t>* word) noexcept { return LockIn(word)->TryLock(); }
void UnlockUnseen(std::atomic<uint32_t>* word) noexcept { LockIn(word)->Unlock(); }

void Acquire(const void* address) noexcept { tsan::Acquire(address); }
void Release(const void* address) noexcept { tsan::Release(address); }
void IgnoreAccesses() noexcept { tsan::IgnoreAccesses(true); }
void SeeAccesses() noexcept { tsan::IgnoreAccesses(false); }

void LockShard(MutexCore* mutex) noexcept {
  runtime::LockCore(*mutex, runtime::WaitReason::kSyncMutexLock, mutex);
  mutex->holder.Set(CurrentTaskId(), __builtin_return_address(0));
}
void UnlockShard(MutexCore* mutex) noexcept { runtime::UnlockCore(*mutex, "sync: unlock of unlocked mutex"); }

void FatalMap(MapClash clash, const char* call) {
  using runtime::MisuseKind;
  constexpr std::pair<MisuseKind, const char*> kClashes[] = {
      {MisuseKind::kMapWrites, "concurrent map writes"},
      {MisuseKind::kMapReadAndWrite, "concurrent map read and map write"},
      {MisuseKind::kMapIteration, "concurrent map iteration and map write"}};
  const auto& [kind, text] = kClashes[static_cast<size_t>(clash)];
  runtime::FatalOver({kind, call, runtime::WaitReason{}, nullptr}, text);
}

size_t ProcessorNumber() noexcept {
  const runtime::Processor* processor = runtime::Self()->processor;
  // Threads that are none of the scheduler's spread by their ids.
  return processor != nullptr ? processor->index : CurrentTaskId();
}

}  // namespace stray::detail
