// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/describe.h"

#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>

#include "instrumentation/runtime/channel.h"
#include "instrumentation/runtime/kernel.h"
#include "instrumentation/runtime/noted_objects.h"
#include "instrumentation/runtime/object_uses.h"
#include "instrumentation/runtime/wait_reason.h"
#include "stray/cond.h"
#include "stray/mutex.h"
#include "stray/once.h"
#include "stray/semaphore.h"
#include "stray/wait_group.h"

namespace stray::runtime {
namespace {

enum class ObjectKind : uint8_t {
#define STRAY_OBJECT_KIND(number, enumerator, word) enumerator = number,
#include "agent/wire/object_kinds.inc"
#undef STRAY_OBJECT_KIND
};

// Bytes of an object that may not be there any more.
template <typename T>
class CopyOf {
 public:
  explicit CopyOf(const void* object) {
    iovec to = {bytes_, sizeof(T)}, from = {const_cast<void*>(object), sizeof(T)};
    static const long pid = KernelCall(SYS_getpid);
    is_whole_ = KernelCall(SYS_process_vm_readv, pid, reinterpret_cast<long>(&to), 1,
                           reinterpret_cast<long>(&from), 1, 0) == static_cast<long>(sizeof(T));
  }
  bool IsWhole() const { return is_whole_; }
  const T* get() const { return reinterpret_cast<const T*>(bytes_); }
  const T* operator->() const { return reinterpret_cast<const T*>(bytes_); }

 private:
  alignas(T) char bytes_[sizeof(T)];
  bool is_whole_;
};

void DescribeChannel(const detail::Channel& channel, runtime_abi::ObjectDescription* out) {
  out->closed = channel.closed.load(std::memory_order_relaxed) != 0;
  out->length = channel.count.load(std::memory_order_relaxed);
  out->capacity = channel.capacity;
  out->name = channel.name;
  out->created_at = channel.created_at;
  out->created_by = channel.created_by;
}

bool DescribeChannel(const void* object, runtime_abi::ObjectDescription* out) {
  const CopyOf<detail::WatchedChannel> watched(object);
  if (watched.IsWhole()) {
    DescribeChannel(*watched.get(), out);
    out->has_uses = watched->is_watched;
    if (out->has_uses) out->uses = watched->uses;
    return true;
  }
  const CopyOf<detail::Channel> channel(object);
  if (channel.IsWhole()) DescribeChannel(*channel.get(), out);
  return channel.IsWhole();
}

void DescribeHolder(const detail::MutexCore& mutex, runtime_abi::ObjectDescription* out) {
  out->number = mutex.number.load(std::memory_order_relaxed);
  if ((mutex.core.state.load(std::memory_order_relaxed) & detail::MutexCore::kLocked) == 0) return;
  out->holder = mutex.holder.task.load(std::memory_order_relaxed);
  out->held_at = mutex.holder.site.load(std::memory_order_relaxed);
}

bool DescribeMutex(const void* object, runtime_abi::ObjectDescription* out) {
  const CopyOf<detail::MutexCore> mutex(object);
  if (!mutex.IsWhole()) return false;
  DescribeHolder(*mutex.get(), out);
  return true;
}

bool DescribeRWMutex(const void* object, runtime_abi::ObjectDescription* out) {
  const CopyOf<detail::RWMutexCore> mutex(object);
  if (!mutex.IsWhole()) return false;
  DescribeHolder(mutex->writer, out);
  // A writer that waits for readers has the inner mutex, and is no holder yet.
  if (mutex->departing.load(std::memory_order_relaxed) != 0) out->holder = 0;
  return true;
}

bool DescribeOnce(const void* object, runtime_abi::ObjectDescription* out) {
  const CopyOf<detail::OnceCore> once(object);
  if (!once.IsWhole()) return false;
  DescribeHolder(once->mutex, out);
  return true;
}

bool DescribeUses(const std::atomic<uint32_t>& number, runtime_abi::ObjectDescription* out) {
  out->has_uses = UsesTable::Copy(number.load(std::memory_order_relaxed), &out->uses);
  return true;
}

bool DescribeWaitGroup(const void* object, runtime_abi::ObjectDescription* out) {
  const CopyOf<detail::WaitGroupCore> group(object);
  if (!group.IsWhole()) return false;
  out->length = group->counts.load(std::memory_order_relaxed) >> 32;
  return DescribeUses(group->uses, out);
}

bool DescribeCond(const void* object, runtime_abi::ObjectDescription* out) {
  const CopyOf<detail::CondCore> cond(object);
  return cond.IsWhole() && DescribeUses(cond->uses, out);
}

bool DescribeSemaphore(const void* object, runtime_abi::ObjectDescription* out) {
  const CopyOf<detail::SemaphoreCore> semaphore(object);
  return semaphore.IsWhole() && DescribeUses(semaphore->uses, out);
}

// Nothing more may be known of it than its address.
bool DescribeNoted(const void* object, runtime_abi::ObjectDescription* out) {
  const NotedObject* noted = NotedObjects::Find(object);
  if (noted == nullptr) return true;
  out->name = noted->name.load(std::memory_order_relaxed);
  out->holder = noted->holder.load(std::memory_order_acquire);
  out->held_at = noted->held_at.load(std::memory_order_relaxed);
  return true;
}

ObjectKind KindOf(WaitReason reason) {
  switch (reason) {
#define STRAY_WAIT_REASON(number, enumerator, word, waker, object_kind) \
  case WaitReason::enumerator:                                          \
    return ObjectKind::object_kind;
#include "agent/wire/wait_reasons.inc"
#undef STRAY_WAIT_REASON
  }
  return ObjectKind::kNone;
}

bool Describe(uint16_t wait_reason, const void* object, runtime_abi::ObjectDescription* out) {
  const ObjectKind kind = KindOf(static_cast<WaitReason>(wait_reason));
  out->kind = static_cast<uint8_t>(kind);
  if (wait_reason >= static_cast<uint16_t>(WaitReason::kTaskLock)) return DescribeNoted(object, out);
  switch (kind) {
    case ObjectKind::kChannel:
      return DescribeChannel(object, out);
    case ObjectKind::kMutex:
      return DescribeMutex(object, out);
    case ObjectKind::kRwlock:
      return DescribeRWMutex(object, out);
    case ObjectKind::kOnce:
      return DescribeOnce(object, out);
    case ObjectKind::kWaitGroup:
      return DescribeWaitGroup(object, out);
    case ObjectKind::kCondition:
      return DescribeCond(object, out);
    case ObjectKind::kSemaphore:
      return DescribeSemaphore(object, out);
    default:
      return true;
  }
}

void AddEnds(runtime_abi::ObjectDescription* out) {
  for (uint32_t side = 0; side < runtime_abi::kUseSides; ++side) {
    for (uint32_t rank = 0; rank < runtime_abi::kUsersOfSide; ++rank) {
      out->ended_ns[side][rank] = EndTimes::Of(out->uses.of[side][rank].task);
    }
  }
}

}  // namespace

// The cases lie on the task's own stack, which stays mapped, or, where they are many, in the heap.
uint32_t CasesOf(const runtime_abi::GoroutineRecord* record, runtime_abi::WaitingCase* out) {
  const auto* task = reinterpret_cast<const Task*>(record);
  const uint32_t count = std::min(task->case_count, runtime_abi::kMostCases);
  const auto first = reinterpret_cast<uintptr_t>(task->cases);
  if (count == 0) return 0;
  const bool on_stack = first >= reinterpret_cast<uintptr_t>(record->context[0]) &&
                        first + count * sizeof(Waiter) <= reinterpret_cast<uintptr_t>(record->stack_top);
  uint32_t numbers[runtime_abi::kMostCases];
  for (uint32_t i = 0; i < count; ++i) {
    alignas(Waiter) char copy[sizeof(Waiter)];
    const auto& waiter = *reinterpret_cast<const Waiter*>(copy);
    if (on_stack) {
      memcpy(copy, task->cases + i, sizeof(copy));
    } else {
      const CopyOf<Waiter> safe(task->cases + i);
      if (!safe.IsWhole()) return i;
      memcpy(copy, safe.get(), sizeof(copy));
    }
    // They were shuffled; a reader wants them as they stand in the program.
    uint32_t at = i;
    for (; at > 0 && numbers[at - 1] > waiter.index; --at) {
      numbers[at] = numbers[at - 1];
      out[at] = out[at - 1];
    }
    numbers[at] = waiter.index;
    out[at] = {waiter.object, waiter.sends};
  }
  return count;
}

bool DescribeObject(uint16_t wait_reason, const void* object, runtime_abi::ObjectDescription* out) {
  *out = {};
  if (!Describe(wait_reason, object, out)) return false;
  if (out->has_uses) AddEnds(out);
  return true;
}

}  // namespace stray::runtime
