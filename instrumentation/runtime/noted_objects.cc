// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/noted_objects.h"

#include <new>

#include "instrumentation/runtime/word_lock.h"

namespace stray::runtime {
namespace {

constexpr size_t kBuckets = 1 << 12;

// Entries are used again, and never given back: who has found one may look at it.
std::atomic<NotedObject*> buckets[kBuckets];
WordLock lock;

std::atomic<NotedObject*>& BucketOf(const void* address) {
  return buckets[(reinterpret_cast<uintptr_t>(address) >> 3) * 0x9E3779B97F4A7C15u >> 52];
}

}  // namespace

NotedObject* NotedObjects::Find(const void* address) {
  NotedObject* object = BucketOf(address).load(std::memory_order_acquire);
  while (object != nullptr && object->address.load(std::memory_order_acquire) != address) object = object->next;
  return object;
}

NotedObject* NotedObjects::FindOrMake(const void* address) {
  if (NotedObject* found = Find(address)) return found;
  WordGuard guard(lock);
  if (NotedObject* found = Find(address)) return found;
  auto& bucket = BucketOf(address);
  NotedObject* object;
  for (object = bucket.load(std::memory_order_relaxed); object != nullptr; object = object->next) {
    if (object->address.load(std::memory_order_relaxed) == nullptr) break;
  }
  if (object == nullptr) {
    object = new (std::nothrow) NotedObject;
    if (object == nullptr) return nullptr;
    object->next = bucket.load(std::memory_order_relaxed);
    object->address.store(address, std::memory_order_relaxed);
    bucket.store(object, std::memory_order_release);
    return object;
  }
  object->address.store(address, std::memory_order_release);
  return object;
}

void NotedObjects::Forget(const void* address) {
  WordGuard guard(lock);
  NotedObject* object = Find(address);
  if (object == nullptr) return;
  object->name.store(nullptr, std::memory_order_relaxed);
  object->holder.store(0, std::memory_order_relaxed);
  object->held_at.store(nullptr, std::memory_order_relaxed);
  object->address.store(nullptr, std::memory_order_release);
}

}  // namespace stray::runtime
