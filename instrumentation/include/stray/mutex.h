// SPDX-License-Identifier: Apache-2.0
// mutex.h: Go's sync.Mutex and sync.RWMutex.
//
//   stray::Mutex mutex;
//   std::lock_guard guard(mutex);  // or mutex.Lock() and mutex.Unlock()
//
// A Mutex is normally won by whoever comes first: one that was woken competes with those that are running,
// which is fast, but not fair. Once one has waited for more than a millisecond, the mutex is handed from holder
// to holder in the order of arrival, until one had to wait for less, or nobody waits any more.
//
// A RWMutex is held by any number of readers, or by one writer. A writer that waits stops new readers; so who
// reads must not take the read lock again. Unlock lets those readers in that have come meanwhile.
//
// The one that locks need not be the one that unlocks. Unlocking what is not locked is fatal ("fatal error:
// sync: unlock of unlocked mutex"). Any thread may use them; one that is no goroutine then blocks as a thread.
// They can be neither copied nor moved, and static ones need no constructor.
//
// A Mutex may be destroyed by whoever has locked it last, once it has unlocked it; a RWMutex, once nobody is
// inside one of its functions.
//
// Unlock happens before each later Lock; for a RWMutex, too: RUnlock before each later Lock, Unlock before each
// later RLock.
#ifndef STRAY_MUTEX_H_
#define STRAY_MUTEX_H_

#include <atomic>
#include <cstdint>

#include "stray/scheduling_point.h"
#include "stray/sync_core.h"

namespace stray {

namespace detail {

struct MutexCore {
  static constexpr uint32_t kLocked = 1;

  SyncCore core;
  Holder holder;
  // Beside an agent: its number for this lock, and the list of locks of the task that has it.
  std::atomic<uint32_t> number{0};
  std::atomic<void*> held_in{nullptr};
};

// Beside an agent it is kept who has which lock.
extern std::atomic<bool> locks_are_watched;
[[gnu::always_inline]] inline bool AreLocksWatched() noexcept {
  return locks_are_watched.load(std::memory_order_relaxed);
}

// The mutex was not free, or somebody waits for it, or locks are watched.
void LockMutexSlow(MutexCore* mutex) noexcept;
void UnlockMutexSlow(MutexCore* mutex) noexcept;
bool TryLockMutexSlow(MutexCore* mutex) noexcept;

struct RWMutexCore {
  MutexCore writer;                      // held by the writer, or by one that waits for readers to leave
  SyncCore readers_wait, writer_waits;   // semaphores
  std::atomic<int32_t> reader_count{0};  // less by kMaxReaders while a writer has it, or waits
  std::atomic<int32_t> departing{0};     // readers that the writer waits for
  Holder last_reader;
};

void LockRead(RWMutexCore* mutex) noexcept;
void UnlockRead(RWMutexCore* mutex) noexcept;
bool TryLockRead(RWMutexCore* mutex) noexcept;
void LockWrite(RWMutexCore* mutex) noexcept;
void UnlockWrite(RWMutexCore* mutex) noexcept;
bool TryLockWrite(RWMutexCore* mutex) noexcept;

}  // namespace detail

class Mutex {
 public:
  constexpr Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  [[gnu::always_inline]] void Lock() {
    detail::SchedulingPoint();
    uint32_t free = 0;
    if (detail::AreLocksWatched() || !mutex_.core.state.compare_exchange_strong(
                                         free, kLocked, std::memory_order_acquire, std::memory_order_relaxed))
        [[unlikely]] {
      detail::LockMutexSlow(&mutex_);
    }
    mutex_.holder.Set(detail::CurrentTaskId(), detail::Here());
  }
  [[gnu::always_inline]] void Unlock() {
    uint32_t locked = kLocked;
    if (detail::AreLocksWatched() || !mutex_.core.state.compare_exchange_strong(
                                         locked, 0, std::memory_order_release, std::memory_order_relaxed))
        [[unlikely]] {
      detail::UnlockMutexSlow(&mutex_);
    }
  }
  // False if it would have to wait, or if others wait for their turn.
  [[nodiscard, gnu::always_inline]] bool TryLock() {
    detail::SchedulingPoint();
    uint32_t free = 0;
    if (detail::AreLocksWatched() || !mutex_.core.state.compare_exchange_strong(
                                         free, kLocked, std::memory_order_acquire, std::memory_order_relaxed))
        [[unlikely]] {
      if (!detail::TryLockMutexSlow(&mutex_)) return false;
    }
    mutex_.holder.Set(detail::CurrentTaskId(), detail::Here());
    return true;
  }

  [[gnu::always_inline]] void lock() { Lock(); }
  [[gnu::always_inline]] void unlock() { Unlock(); }
  [[nodiscard, gnu::always_inline]] bool try_lock() { return TryLock(); }

 private:
  static constexpr uint32_t kLocked = detail::MutexCore::kLocked;
  detail::MutexCore mutex_;
};

class RWMutex {
 public:
  // The reading side as a lock of its own.
  class ReadLocker {
   public:
    [[gnu::always_inline]] void Lock() const {
      detail::LockRead(mutex_);
      detail::KeepFrame();
    }
    [[gnu::always_inline]] void Unlock() const { detail::UnlockRead(mutex_); }
    [[gnu::always_inline]] void lock() const { Lock(); }
    [[gnu::always_inline]] void unlock() const { Unlock(); }
    [[nodiscard, gnu::always_inline]] bool try_lock() const { return detail::TryLockRead(mutex_); }

   private:
    friend class RWMutex;
    friend class Cond;
    explicit ReadLocker(detail::RWMutexCore* mutex) : mutex_(mutex) {}
    detail::RWMutexCore* mutex_;
  };

  constexpr RWMutex() = default;
  RWMutex(const RWMutex&) = delete;
  RWMutex& operator=(const RWMutex&) = delete;

  [[gnu::always_inline]] void Lock() {
    detail::LockWrite(&mutex_);
    detail::KeepFrame();
  }
  [[gnu::always_inline]] void Unlock() { detail::UnlockWrite(&mutex_); }
  [[nodiscard, gnu::always_inline]] bool TryLock() { return detail::TryLockWrite(&mutex_); }
  [[gnu::always_inline]] void RLock() {
    detail::LockRead(&mutex_);
    detail::KeepFrame();
  }
  [[gnu::always_inline]] void RUnlock() { detail::UnlockRead(&mutex_); }
  [[nodiscard, gnu::always_inline]] bool TryRLock() { return detail::TryLockRead(&mutex_); }
  // Refers to this mutex.
  ReadLocker RLocker() { return ReadLocker(&mutex_); }

  [[gnu::always_inline]] void lock() { Lock(); }
  [[gnu::always_inline]] void unlock() { Unlock(); }
  [[nodiscard, gnu::always_inline]] bool try_lock() { return TryLock(); }
  [[gnu::always_inline]] void lock_shared() { RLock(); }
  [[gnu::always_inline]] void unlock_shared() { RUnlock(); }
  [[nodiscard, gnu::always_inline]] bool try_lock_shared() { return TryRLock(); }

 private:
  detail::RWMutexCore mutex_;
};

}  // namespace stray

#endif  // STRAY_MUTEX_H_
