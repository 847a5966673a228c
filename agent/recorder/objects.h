// SPDX-License-Identifier: Apache-2.0
// objects.h: from the address of a lock or condition to its record.
//
// The difficulty is identity: std::mutex has no constructor or destructor that could be seen, so a new lock
// may appear at the address of a dead one, and an order recorded for one must not be held against the other.
//
// Mutexes and rwlocks therefore carry a tag in bytes that glibc leaves unused in them (Tags below). A lock that
// was constructed again is all zero there, so it is a new object; a copied or foreign tag does not match its
// address and the cookie of this process, and is not believed. Robust and process-shared mutexes, whose
// spare bytes are in use or seen by others, and all other kinds are found by address in a hash table.
//
// Tried and dropped
//   - Address only. False lock-order cycles as soon as memory is reused.
//   - Watching free(). Costs every free of the program, and sees neither stacks nor pools.
#ifndef STRAY_AGENT_RECORDER_OBJECTS_H_
#define STRAY_AGENT_RECORDER_OBJECTS_H_

#include <pthread.h>

#include "agent/recorder/thread.h"

namespace stray::agent {

// What we keep inside a lock. `check` proves that the tag was made for this address by this process.
struct LockTag {
  uint32_t object;
  uint32_t check;
  uint32_t sequence;  // counts the operations on the lock; written only by who holds it (rwlocks: about)
};

extern __attribute__((visibility("hidden"))) uint64_t tag_cookie;

// Locks are 8-aligned and the top bits of addresses are the same: what is left differs between any two.
inline uint32_t TagCheck(const void* address) {
  return static_cast<uint32_t>(reinterpret_cast<uint64_t>(address) >> 3) ^ static_cast<uint32_t>(tag_cookie);
}

// Mutex: struct __pthread_mutex_s ends with the links of the robust list (16 bytes), used by robust
// mutexes only.
inline LockTag* TagOf(pthread_mutex_t* mutex) { return reinterpret_cast<LockTag*>(&mutex->__data.__list); }
inline bool MayTag(const pthread_mutex_t* mutex) {
  constexpr int kRobust = 16, kShared = 128;
  return (mutex->__data.__kind & (kRobust | kShared)) == 0;
}

// Rwlock: struct __pthread_rwlock_arch_t has __pad3 and __pad4 (8 bytes); its __pad2 (8 bytes) keeps the count.
struct RwlockTag {
  uint32_t object;
  uint32_t check;
};
inline RwlockTag* TagOf(pthread_rwlock_t* rwlock) {
  return reinterpret_cast<RwlockTag*>(&rwlock->__data.__pad3);
}
inline bool MayTag(const pthread_rwlock_t* rwlock) { return rwlock->__data.__shared == 0; }

// What a destroyed rwlock carries in place of its tag. Whoever constructs anything in its memory overwrites it,
// so an rwlock that still has it is used after its destruction.
inline void SetTombstone(pthread_rwlock_t* rwlock) { *TagOf(rwlock) = {UINT32_MAX, ~TagCheck(rwlock)}; }
inline bool HasTombstone(pthread_rwlock_t* rwlock) {
  const RwlockTag* tag = TagOf(rwlock);
  return tag->object == UINT32_MAX && tag->check == ~TagCheck(rwlock);
}

class Objects {
 public:
  static bool Initialize();

  // The object of a tagged lock; 0 if the tag is not valid.
  template <typename Tag>
  static uint32_t FromTag(const Tag* tag, const void* address) {
    return STRAY_LIKELY(tag->check == TagCheck(address)) ? tag->object : 0;
  }

  // Finds the object or makes it known, tagging it where that is possible. 0 when the table is full.
  static uint32_t Mutex(const InsideAgent& inside, pthread_mutex_t* mutex, wire::Site site);
  static uint32_t Rwlock(const InsideAgent& inside, pthread_rwlock_t* rwlock, wire::Site site);

  // The object of another kind at `address`, made known if need be. An object of a different kind that was at
  // that address is taken to be gone.
  static uint32_t ByAddress(const InsideAgent& inside, wire::ObjectKind kind, const void* address,
                            wire::Site site);
  // The same, for a thread that comes back to few objects: those it remembers cost no look-up.
  static uint32_t Cached(Thread* thread, wire::ObjectKind kind, const void* address, wire::Site site);
  // The same without making it known; 0 if there is none of that kind.
  static uint32_t Find(const InsideAgent& inside, wire::ObjectKind kind, const void* address);
  // The one of that kind that was destroyed at `address`, if nothing has taken its place since; else 0.
  static uint32_t FindDestroyed(const InsideAgent& inside, wire::ObjectKind kind, const void* address);
  // Of any kind; 0 if there is none.
  static uint32_t FindAny(const InsideAgent& inside, const void* address);

  // It was initialized (create_stack may be 0) or destroyed by the program. What was at the address is gone.
  static uint32_t Initialized(const InsideAgent& inside, wire::ObjectKind kind, const void* address,
                              wire::Site site, uint32_t create_stack);
  static void Destroyed(const InsideAgent& inside, const void* address);

  static wire::ObjectRecord* Record(uint32_t object);

  // How many records there are. Of a copy of the process, which has an index of its own: makes the objects that
  // it has made known since there were `count` known here, unless something else is there by now.
  static uint32_t Count();
  static void TakeIn(const InsideAgent& inside, uint32_t count);

  // Its record must never be given to another object: something refers to it for good.
  static void Pin(uint32_t object);
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_OBJECTS_H_
