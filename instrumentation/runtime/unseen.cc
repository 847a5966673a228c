// SPDX-License-Identifier: Apache-2.0
// unseen.cc: what templates of the public headers need of the runtime, so that TSan sees the edges of the Go
// memory model in them, and no others.
#include <unordered_map>
#include <utility>

#include "instrumentation/runtime/panic.h"
#include "instrumentation/runtime/scheduler.h"
#include "instrumentation/runtime/sync_core.h"
#include "instrumentation/tsan/fibers.h"
#include "instrumentation/tsan/happens_before.h"
#include "stray/atomic.h"
#include "stray/map.h"
#include "stray/pool.h"

namespace stray::detail {

namespace {

runtime::WordLock* LockIn(std::atomic<uint32_t>* word) { return reinterpret_cast<runtime::WordLock*>(word); }

// With TSan only: the keys that were deleted from maps, and are not there; who deletes one releases its place
// here. Those beyond the first so many share the place of their shard.
class DeletedKeys {
 public:
  static DeletedKeys& Get() {
    static auto* keys = new DeletedKeys;
    return *keys;
  }

  void Release(const void* shard, size_t key) {
    const Scope scope(this);
    const auto [places, is_new] = places_.try_emplace(shard);
    if (count_ == kMost && places->second.count(key) == 0) return tsan::Release(shard);
    const auto [place, is_first] = places->second.try_emplace(key);
    count_ += is_first;
    tsan::ReleaseAnew(&place->second);
  }
  void Acquire(const void* shard, size_t key) {
    const Scope scope(this);
    tsan::Acquire(shard);
    if (const auto places = places_.find(shard); places != places_.end()) {
      if (const auto place = places->second.find(key); place != places->second.end())
        tsan::Acquire(&place->second);
    }
  }
  void Forget(const void* shard, size_t key) {
    const Scope scope(this);
    if (const auto places = places_.find(shard); places != places_.end()) count_ -= places->second.erase(key);
  }
  void ForgetAll(const void* shard) {
    const Scope scope(this);
    const auto places = places_.find(shard);
    if (places == places_.end()) return;
    count_ -= places->second.size();
    places_.erase(places);
  }

 private:
  static constexpr size_t kMost = 1 << 16;

  struct Scope {
    explicit Scope(DeletedKeys* keys) : guard(keys->lock_) {}
    runtime::WordGuard guard;
    tsan::IgnoreScope ignore;
  };

  runtime::WordLock lock_;
  std::unordered_map<const void*, std::unordered_map<size_t, char>> places_;  // by shard and key
  size_t count_ = 0;
};

}  // namespace

void LockUnseen(std::atomic<uint32_t>* word) noexcept { LockIn(word)->Lock(); }
bool TryLockUnseen(std::atomic<uint32_t>* word) noexcept { return LockIn(word)->TryLock(); }
void UnlockUnseen(std::atomic<uint32_t>* word) noexcept { LockIn(word)->Unlock(); }

bool IsTsanThere() noexcept { return tsan::HasTsan(); }
void Acquire(const void* address) noexcept { tsan::Acquire(address); }
void Release(const void* address) noexcept { tsan::Release(address); }
void ReleaseAnew(const void* address) noexcept { tsan::ReleaseAnew(address); }
void IgnoreAccesses() noexcept { tsan::IgnoreAccesses(true); }
void SeeAccesses() noexcept { tsan::IgnoreAccesses(false); }

void LockShard(MutexCore* mutex) noexcept {
  runtime::LockCore(*mutex, runtime::WaitReason::kSyncMutexLock, mutex);
  mutex->holder.Set(CurrentTaskId(), __builtin_return_address(0));
}
void UnlockShard(MutexCore* mutex) noexcept { runtime::UnlockCore(*mutex, "sync: unlock of unlocked mutex"); }

void NoteStored(const void* shard, size_t key) noexcept { DeletedKeys::Get().Forget(shard, key); }
void NoteDeleted(const void* shard, size_t key) noexcept { DeletedKeys::Get().Release(shard, key); }
void NoteMissing(const void* shard, size_t key) noexcept { DeletedKeys::Get().Acquire(shard, key); }
void ForgetDeleted(const void* shard) noexcept { DeletedKeys::Get().ForgetAll(shard); }

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
