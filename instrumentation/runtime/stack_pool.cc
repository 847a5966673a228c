// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/stack_pool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>

#include "instrumentation/runtime/kernel.h"
#include "instrumentation/runtime/word_lock.h"
#include "instrumentation/tsan/fibers.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

namespace stray::runtime {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kDefaultSize = 256 * 1024, kSmallest = 16 * 1024, kLargest = size_t{64} << 20;
constexpr size_t kRegionStacks = 1024;  // reserved at once
constexpr size_t kMaxRegions = 4096;
constexpr size_t kLsanGuardMappings = 1024;  // LSan reads the list of mappings once for each region
constexpr uint32_t kCacheMost = 64, kBundle = 32;
// In the checked page of an unguarded stack: its highest word.
constexpr uint64_t kCanary = 0x5354'5241'5953'544bu;

enum class GuardKind { kUnknown, kRegion, kMapping };

struct Region {
  char* start;
  size_t size;
  uint32_t in_use;  // stacks; counted under the lock, with LSan only
};

WordLock lock;
FreeStack* shared = nullptr;  // free, of all processors
Region regions[kMaxRegions];  // written under the lock, read anywhere below region_count
std::atomic<size_t> region_count{0};
size_t used_of_last = 0;  // stacks
GuardKind guard_kind = GuardKind::kUnknown;
size_t guard_mappings = 0, most_guard_mappings = 0;

size_t SizeFromEnvironment() {
  const char* text = getenv("STRAY_STACK_SIZE");
  if (text == nullptr) return kDefaultSize;
  char* end = nullptr;
  size_t size = strtoull(text, &end, 10);
  if (*end == 'k' || *end == 'K') size *= 1024;
  if (*end == 'm' || *end == 'M') size *= 1024 * 1024;
  if (size < kSmallest) size = kSmallest;
  if (size > kLargest) size = kLargest;
  return (size + kPage - 1) / kPage * kPage;
}

// Called with the lock held.
bool InstallGuard(char* page) {
  // LSan reads all of a region that the kernel's list of mappings shows as readable.
  if (guard_kind != GuardKind::kMapping && !tsan::HasLsan() && madvise(page, kPage, MADV_GUARD_INSTALL) == 0) {
    guard_kind = GuardKind::kRegion;
    return true;
  }
  if (guard_kind != GuardKind::kMapping) {
    guard_kind = GuardKind::kMapping;
    // Each splits a mapping in two; the program needs some as well.
    most_guard_mappings = tsan::HasLsan() ? kLsanGuardMappings : MostMappings() / 4;
  }
  if (guard_mappings < most_guard_mappings && mprotect(page, kPage, PROT_NONE) == 0) {
    ++guard_mappings;
    return true;
  }
  *reinterpret_cast<uint64_t*>(page + kPage - sizeof(uint64_t)) = kCanary;
  return false;
}

// Called with the lock held.
bool AddRegion() {
  const size_t count = region_count.load(std::memory_order_relaxed);
  if (count == kMaxRegions) return false;
  const size_t size = StackSize() * kRegionStacks;
  void* start = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED) return false;
  // A huge page would make each stack cost 2 MiB.
  madvise(start, size, MADV_NOHUGEPAGE);
  regions[count] = {static_cast<char*>(start), size, 0};
  used_of_last = 0;
  region_count.store(count + 1, std::memory_order_release);
  return true;
}

// Called with the lock held.
bool MakeStack(Stack* stack) {
  const size_t count = region_count.load(std::memory_order_relaxed);
  if ((count == 0 || used_of_last == kRegionStacks) && !AddRegion()) return false;
  const Region& region = regions[region_count.load(std::memory_order_relaxed) - 1];
  char* start = region.start + used_of_last++ * StackSize();
  stack->guarded = InstallGuard(start);
  stack->low = start + kPage;
  stack->top = start + StackSize();
  return true;
}

// Null if `at` is in none.
Region* RegionOf(const char* at) {
  for (size_t i = 0, count = region_count.load(std::memory_order_acquire); i < count; ++i) {
    if (at >= regions[i].start && at < regions[i].start + regions[i].size) return &regions[i];
  }
  return nullptr;
}

// Memory is known from the regions that have a stack in use. Not from all: LSan reads each to its end.
void TellLsan(const Stack& stack, bool is_in_use) {
  WordGuard guard(lock);
  Region* region = RegionOf(stack.low);
  if (region == nullptr) return;
  if (is_in_use && region->in_use++ == 0) tsan::AddRoots(region->start, region->size);
  if (!is_in_use && --region->in_use == 0) tsan::RemoveRoots(region->start, region->size);
}

// From the list of the processor, or from that of all, or a new one.
bool FindStack(StackCache& cache, Stack* stack) {
  if (cache.head == nullptr) {
    WordGuard guard(lock);
    for (uint32_t i = 0; i < kBundle && shared != nullptr; ++i) {
      FreeStack* node = shared;
      shared = node->next;
      node->next = cache.head;
      cache.head = node;
      ++cache.count;
    }
    if (cache.head == nullptr) return MakeStack(stack);
  }
  *stack = cache.head->stack;
  cache.head = cache.head->next;
  --cache.count;
  return true;
}

FreeStack* NodeOf(const Stack& stack) { return reinterpret_cast<FreeStack*>(stack.top - sizeof(FreeStack)); }

}  // namespace

size_t StackSize() {
  static const size_t size = SizeFromEnvironment();
  return size;
}

bool TakeStack(StackCache& cache, Stack* stack) {
  if (!FindStack(cache, stack)) return false;
  if (tsan::HasLsan()) [[unlikely]]
    TellLsan(*stack, true);
  return true;
}

void GiveStack(StackCache& cache, const Stack& stack) {
  if (tsan::HasLsan()) [[unlikely]]
    TellLsan(stack, false);
  if (cache.count >= kCacheMost) {
    WordGuard guard(lock);
    for (uint32_t i = 0; i < kBundle; ++i) {
      FreeStack* node = cache.head;
      cache.head = node->next;
      node->next = shared;
      shared = node;
      --cache.count;
    }
  }
  FreeStack* node = NodeOf(stack);
  *node = {cache.head, stack};
  cache.head = node;
  ++cache.count;
}

void FlushStacks(StackCache& cache) {
  WordGuard guard(lock);
  while (cache.head != nullptr) {
    FreeStack* node = cache.head;
    cache.head = node->next;
    node->next = shared;
    shared = node;
  }
  cache.count = 0;
}

bool IsInGuard(const void* address) {
  const auto* at = static_cast<const char*>(address);
  const Region* region = RegionOf(at);
  return region != nullptr && static_cast<size_t>(at - region->start) % StackSize() < kPage;
}

bool StackPiece(size_t number, const void** start, size_t* bytes) {
  if (number >= region_count.load(std::memory_order_acquire)) return false;
  *start = regions[number].start;
  *bytes = regions[number].size;
  return true;
}

bool IsIntact(const Stack& stack) {
  return stack.guarded || *reinterpret_cast<const uint64_t*>(stack.low - sizeof(uint64_t)) == kCanary;
}

}  // namespace stray::runtime
