// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/wait_profile.h"

#include <signal.h>

#include "agent/base/raw.h"
#include "agent/base/spin_lock.h"
#include "agent/recorder/box.h"
#include "agent/recorder/goroutines.h"
#include "agent/recorder/modules.h"
#include "agent/recorder/stacks.h"
#include "agent/recorder/threads.h"
#include "agent/wire/wait_totals.h"

namespace stray::agent {
namespace {

using wire::RegionId;
using wire::WaitReason;
using wire::WaitTotal;
using wire::WaitTotalKind;

constexpr uint64_t kOne = 256;                       // in WaitTotal::count_256ths
constexpr uint64_t kMostRateNs = 3'600'000'000'000;  // so that nothing overflows
constexpr uint64_t kMostFraction = uint64_t{1} << 20;

struct Rates {
  uint64_t block_ns;
  uint64_t mutex_fraction;
  uint64_t until_ns;  // 0: for ever
};

Rates rates = {};
uint32_t* index_slots = nullptr;  // numbers of totals by hash, open addressing
uint64_t index_mask = 0;
SpinLock lock;

enum class Waker { kHolder, kTask, kAnyTask, kOutside, kTimer, kNobody };

constexpr Waker WakerOf(WaitReason reason) {
  switch (reason) {
#define STRAY_WAIT_REASON(number, enumerator, word, waker, object_kind) \
  case WaitReason::enumerator:                                          \
    return Waker::waker;
#include "agent/wire/wait_reasons.inc"
#undef STRAY_WAIT_REASON
  }
  return Waker::kNobody;
}

// Anything below `limit`; no two calls of one thread at the same time.
uint64_t RandomBelow(uint64_t limit) {
  uint64_t x = PreciseNow() ^ reinterpret_cast<uint64_t>(&tls) << 20;
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;  // splitmix64
  x = (x ^ x >> 27) * 0x94D049BB133111EBu;
  return (x ^ x >> 31) % limit;
}

// Where some thread took `object` that still holds it; 0: none that we know does.
wire::Site HeldSite(uint32_t object) {
  if (object == 0) return 0;
  const uint32_t slots = Threads::SlotCount();
  for (uint32_t slot = 0; slot < slots; ++slot) {
    const Thread* thread = Threads::At(slot);
    if (thread == nullptr || thread->record == nullptr || thread->record->serial == 0) continue;
    const uint32_t count = __atomic_load_n(&thread->record->held_count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count && i < thread->held_capacity; ++i) {
      if (thread->held[i].object == object) return thread->held[i].site;
    }
  }
  return 0;
}

// Of `wait_ns` of waiting, as a block rate of `rate_ns` counts it. False: not at all.
bool IsCounted(uint64_t wait_ns, uint64_t rate_ns, uint64_t* count_256ths, uint64_t* delay_ns) {
  if (rate_ns == 0) return false;
  if (wait_ns == 0) wait_ns = 1;
  *count_256ths = kOne;
  *delay_ns = wait_ns;
  if (wait_ns >= rate_ns) return true;
  if (RandomBelow(rate_ns) >= wait_ns) return false;
  *count_256ths = kOne * rate_ns / wait_ns;
  *delay_ns = rate_ns;
  return true;
}

uint64_t HashOf(uint32_t stack, WaitReason reason, WaitTotalKind kind) {
  const uint64_t key = uint64_t{stack} << 32 | static_cast<uint64_t>(reason) << 8 | static_cast<uint64_t>(kind);
  return (key * 0x9E3779B97F4A7C15u) >> 24;
}

WaitTotal* At(uint32_t number) { return Box::At<WaitTotal>(RegionId::kWaitTotals, number); }

// The number of the total, or 0; `slot`: where it is to be put. Records are complete before they are in the
// index.
uint32_t Find(uint32_t stack, WaitReason reason, WaitTotalKind kind, uint32_t** slot) {
  for (uint64_t i = HashOf(stack, reason, kind);; ++i) {
    *slot = &index_slots[i & index_mask];
    const uint32_t found = __atomic_load_n(*slot, __ATOMIC_ACQUIRE);
    if (found == 0) return 0;
    const WaitTotal* total = At(found);
    if (total->stack == stack && total->wait_reason == static_cast<uint16_t>(reason) && total->kind == kind)
      return found;
  }
}

uint32_t FindOrAdd(uint32_t stack, WaitReason reason, WaitTotalKind kind) {
  uint32_t* slot;
  if (const uint32_t found = Find(stack, reason, kind, &slot); found != 0) return found;
  SpinGuard guard(lock);
  if (const uint32_t found = Find(stack, reason, kind, &slot); found != 0) return found;
  const uint32_t number = Box::Append(RegionId::kWaitTotals);
  if (number == 0) return 0;
  WaitTotal* total = At(number);
  total->stack = stack;
  total->wait_reason = static_cast<uint16_t>(reason);
  __atomic_store(&total->kind, &kind, __ATOMIC_RELEASE);
  __atomic_store_n(slot, number, __ATOMIC_RELEASE);
  return number;
}

void Add(uint32_t stack, WaitReason reason, WaitTotalKind kind, uint64_t count_256ths, uint64_t delay_ns) {
  const uint32_t number = FindOrAdd(stack, reason, kind);
  if (number == 0) {
    Box::Count(wire::Loss::kWaitTotals);
    return;
  }
  __atomic_fetch_add(&At(number)->count_256ths, count_256ths, __ATOMIC_RELAXED);
  __atomic_fetch_add(&At(number)->delay_ns, delay_ns, __ATOMIC_RELAXED);
}

uint32_t StackOf(const InsideAgent& inside, wire::Site site) {
  if (site == 0) return 0;
  if ((site & wire::kSiteIsStack) != 0) return static_cast<uint32_t>(site & ~wire::kSiteIsStack);
  StackBuffer stack;
  stack.frames[0] = site;
  stack.depth = 1;
  stack.flags = 0;
  return Stacks::Intern(inside, stack);
}

// The stack of a signal handler may be too small for a walk; such a wait is not counted.
bool IsOnHandlerStack() {
  stack_t stack = {};
  return RawCall(SYS_sigaltstack, 0, reinterpret_cast<long>(&stack)) == 0 && (stack.ss_flags & SS_ONSTACK) != 0;
}

uint64_t AtMost(uint64_t value, uint64_t limit) { return value < limit ? value : limit; }

// How many waits for locks one that begins now is to stand for, 0: it is not counted.
uint32_t LocksCountedFor(WaitReason reason) {
  const uint64_t fraction = __atomic_load_n(&rates.mutex_fraction, __ATOMIC_RELAXED);
  if (fraction == 0 || WakerOf(reason) != Waker::kHolder) return 0;
  return fraction == 1 || RandomBelow(fraction) == 0 ? static_cast<uint32_t>(fraction) : 0;
}

}  // namespace

std::atomic<uint32_t> WaitProfile::counts_{0};

bool WaitProfile::Initialize(uint64_t block_rate_ns, uint64_t mutex_fraction) {
  wire::BlackBoxHeader* box = Box::Header();
  const uint64_t capacity = box->regions[static_cast<size_t>(RegionId::kWaitTotals)].capacity;
  if (index_slots == nullptr) {
    index_mask = capacity * 2 - 1;
    index_slots = static_cast<uint32_t*>(PrivateAlloc((index_mask + 1) * sizeof(uint32_t)));
  }
  lock.Unlock();
  box->block_rate_ns = block_rate_ns;
  box->mutex_fraction = static_cast<uint32_t>(AtMost(mutex_fraction, kMostFraction));
  FollowBox();
  return index_slots != nullptr;
}

void WaitProfile::FollowBox() {
  const wire::BlackBoxHeader* box = Box::Header();
  const uint64_t block_ns = AtMost(__atomic_load_n(&box->block_rate_ns, __ATOMIC_RELAXED), kMostRateNs);
  const uint64_t fraction = AtMost(__atomic_load_n(&box->mutex_fraction, __ATOMIC_RELAXED), kMostFraction);
  __atomic_store_n(&rates.block_ns, block_ns, __ATOMIC_RELAXED);
  __atomic_store_n(&rates.mutex_fraction, fraction, __ATOMIC_RELAXED);
  __atomic_store_n(&rates.until_ns, __atomic_load_n(&box->profile_until_ns, __ATOMIC_RELAXED),
                   __ATOMIC_RELAXED);
  counts_.store(block_ns != 0 || fraction != 0 ? 1 : 0, std::memory_order_relaxed);
}

WaitProfile::Begun WaitProfile::Begin(WaitReason reason, uint32_t object) {
  Begun begun;
  begun.locks = LocksCountedFor(reason);
  if (begun.locks != 0) begun.holder = HeldSite(object);
  begun.time_ns = PreciseNow();
  return begun;
}

WaitProfile::Begun WaitProfile::Begin(const InsideAgent&, WaitReason reason, const void* object) {
  Begun begun;
  begun.locks = LocksCountedFor(reason);
  if (begun.locks != 0) begun.holder = Goroutines::HolderSite(static_cast<uint16_t>(reason), object);
  begun.time_ns = PreciseNow();
  return begun;
}

void WaitProfile::End(const InsideAgent& inside, WaitReason reason, const Begun& begun, uint64_t since_ns) {
  const uint64_t now = PreciseNow();
  const uint64_t until = __atomic_load_n(&rates.until_ns, __ATOMIC_RELAXED);
  if (until != 0 && now > until) {
    counts_.store(0, std::memory_order_relaxed);
    return;
  }
  if (WakerOf(reason) == Waker::kTimer) return;
  const uint64_t began = begun.time_ns != 0 ? begun.time_ns : since_ns;
  const uint64_t wait_ns = now > began ? now - began : 0;
  uint64_t count = 0, delay_ns = 0;
  if (IsCounted(wait_ns, __atomic_load_n(&rates.block_ns, __ATOMIC_RELAXED), &count, &delay_ns) &&
      !IsOnHandlerStack())
    Add(Stacks::CaptureHere(inside), reason, WaitTotalKind::kBlock, count, delay_ns);
  // Of a wait that began when none were counted, nobody has looked who held the lock.
  const uint32_t locks = begun.time_ns != 0 ? begun.locks : LocksCountedFor(reason);
  if (locks != 0)
    Add(StackOf(inside, begun.holder), reason, WaitTotalKind::kMutex, kOne * locks, wait_ns * locks);
}

}  // namespace stray::agent
