// SPDX-License-Identifier: Apache-2.0
// cond.h: Go's sync.Cond: waits for something that others announce.
//
//   stray::Cond changed(mutex);         other: mutex.Lock();
//   mutex.Lock();                              ... make it true
//   while (!IsTrue()) changed.Wait();          mutex.Unlock();
//   ... mutex.Unlock();                        changed.Signal();
//
// Wait releases the lock and takes it again before it returns; it never returns without Signal or Broadcast,
// but what was announced may be over by then, hence the loop. Signal wakes the one that has waited longest;
// nobody has to hold the lock for it. Who does not wait yet is not woken later.
#ifndef STRAY_COND_H_
#define STRAY_COND_H_

#include <atomic>
#include <cstdint>

#include "stray/mutex.h"
#include "stray/sync_core.h"

namespace stray {

namespace detail {

struct CondCore {
  SyncCore core;
  std::atomic<uint32_t> next_ticket{0};  // of the next one that waits
  std::atomic<uint32_t> notified{0};     // tickets below are served; written under the lock
  std::atomic<uint32_t> uses{0};         // beside an agent: runtime/object_uses.h
  void* locked = nullptr;                // the lock that belongs to it
};

uint32_t TakeTicket(CondCore* cond) noexcept;
void WaitForTicket(CondCore* cond, uint32_t ticket) noexcept;
void SignalOne(CondCore* cond) noexcept;
void SignalAll(CondCore* cond) noexcept;

}  // namespace detail

class Cond {
 public:
  // With anything that has Lock() and Unlock(); it must outlive the condition.
  template <typename L>
  explicit Cond(L& lock)
      : lock_([](void* one) { static_cast<L*>(one)->Lock(); }),
        unlock_([](void* one) { static_cast<L*>(one)->Unlock(); }) {
    cond_.locked = &lock;
  }
  explicit Cond(RWMutex::ReadLocker reader)
      : lock_([](void* one) { detail::LockRead(static_cast<detail::RWMutexCore*>(one)); }),
        unlock_([](void* one) { detail::UnlockRead(static_cast<detail::RWMutexCore*>(one)); }) {
    cond_.locked = reader.mutex_;
  }
  Cond(const Cond&) = delete;
  Cond& operator=(const Cond&) = delete;

  // With the lock held.
  [[gnu::always_inline]] void Wait() {
    const uint32_t ticket = detail::TakeTicket(&cond_);
    unlock_(cond_.locked);
    detail::WaitForTicket(&cond_, ticket);
    lock_(cond_.locked);
    detail::KeepFrame();
  }
  // Wait until `is_true()`.
  template <typename Predicate>
  void Wait(Predicate is_true) {
    while (!is_true()) Wait();
  }
  void Signal() { detail::SignalOne(&cond_); }
  void Broadcast() { detail::SignalAll(&cond_); }

 private:
  detail::CondCore cond_;
  void (*lock_)(void*);
  void (*unlock_)(void*);
};

}  // namespace stray

#endif  // STRAY_COND_H_
