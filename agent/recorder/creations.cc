// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/creations.h"

#include <string.h>

#include "agent/base/spin_lock.h"
#include "agent/recorder/box.h"
#include "agent/recorder/stacks.h"
#include "agent/wire/goroutine_records.h"

namespace stray::agent {
namespace {

using wire::CreationRecord;
using wire::RegionId;

constexpr uint32_t kMostWords = 48;       // of a stack that is remembered
constexpr uint32_t kSets = 8, kWays = 4;  // stacks that a thread remembers, by address
constexpr uint32_t kMissesPerFill = 8;    // finding out what a stack depends on costs some microseconds
constexpr uint32_t kCaches = 64;          // threads that remember

// A word of the stack, by its distance from the frame, and what it has to be: `value`, or the frame plus
// `value`.
struct WatchedWord {
  int64_t distance;
  uint64_t value;
};
constexpr int64_t kIsPointer = 1;  // in `distance`, which is a multiple of 8

struct KnownStack {
  uint64_t pc;  // 0: empty
  uint32_t stack;
  uint32_t parent, creation;  // of the last goroutine
  uint32_t word_count;
  WatchedWord words[kMostWords];
};

struct StackSet {
  uint32_t misses;
  uint32_t next;  // to be overwritten
  KnownStack ways[kWays];
};

struct StackCache {
  StackSet sets[kSets];
};

StackCache* caches = nullptr;
uint32_t cache_count = 0;         // given to threads
uint32_t* index_slots = nullptr;  // creation numbers by hash, open addressing
uint64_t index_mask = 0;
SpinLock lock;

StackCache* CacheOf(Thread* thread) {
  if (thread->creation_cache == 0) {
    const uint32_t number = __atomic_add_fetch(&cache_count, 1, __ATOMIC_RELAXED);
    thread->creation_cache = number <= kCaches ? number : UINT32_MAX;
  }
  return thread->creation_cache == UINT32_MAX ? nullptr : &caches[thread->creation_cache - 1];
}

// True if a walk would give what it gave when `known` was filled. Each word lies in a frame that the words
// before it have proved to be there.
STRAY_HOT bool IsCurrent(const KnownStack& known, const Caller& caller) {
  if (known.pc != caller.pc) return false;
  const auto base = reinterpret_cast<uint64_t>(caller.frame);
  for (uint32_t i = 0; i < known.word_count; ++i) {
    const WatchedWord& word = known.words[i];
    const uint64_t is_pointer = static_cast<uint64_t>(word.distance & kIsPointer);
    const auto* where =
        reinterpret_cast<const uint64_t*>(base + static_cast<uint64_t>(word.distance) - is_pointer);
    if (*where - (base & (0 - is_pointer)) != word.value) return false;
  }
  return true;
}

struct Filling {
  KnownStack* known;
  uint64_t base;
  StackBuffer stack;
};

bool AddFrame(void* argument, const StackWord* words, uint32_t count) {
  auto* filling = static_cast<Filling*>(argument);
  KnownStack* known = filling->known;
  if (known->word_count + count > kMostWords) return false;
  for (uint32_t i = 0; i < count; ++i) {
    const bool is_pointer = i + 1 < count;
    const auto distance = static_cast<int64_t>(reinterpret_cast<uint64_t>(words[i].where) - filling->base);
    known->words[known->word_count++] = {distance | (is_pointer ? kIsPointer : 0),
                                         words[i].value - (is_pointer ? filling->base : 0)};
  }
  filling->stack.frames[filling->stack.depth++] = words[count - 1].value;
  return true;
}

// Walks, and remembers what the stack depends on, if that can be: else the stack is walked anew each time.
__attribute__((noinline)) uint32_t WalkAndRemember(const InsideAgent& inside, const Caller& caller,
                                                   KnownStack* known) {
  known->pc = 0;
  known->word_count = 0;
  known->parent = known->creation = 0;
  Filling filling = {known, reinterpret_cast<uint64_t>(caller.frame), {}};
  filling.stack.frames[0] = caller.pc;
  filling.stack.depth = 1;
  filling.stack.flags = 0;
  if (WalkWatching(inside, caller.pc, caller.frame, &AddFrame, &filling) != WatchedEnd::kOutermost) return 0;
  known->stack = Stacks::Intern(inside, filling.stack);
  if (known->stack != 0) known->pc = caller.pc;
  return known->stack;
}

__attribute__((noinline)) uint32_t Walk(const InsideAgent& inside, const Caller& caller) {
  StackBuffer stack;
  Stacks::WalkHere(inside, &stack);
  uint32_t first = 0;
  while (first < stack.depth && stack.frames[first] != caller.pc) ++first;
  if (first == stack.depth) return 0;
  stack.depth -= first;
  memmove(stack.frames, stack.frames + first, stack.depth * sizeof(uint64_t));
  return Stacks::Intern(inside, stack);
}

// Where the thread remembers stacks from that address; null: it does not.
StackSet* SetOf(Thread* thread, const Caller& caller) {
  StackCache* cache = CacheOf(thread);
  return cache == nullptr ? nullptr : &cache->sets[(caller.pc ^ caller.pc >> 5) % kSets];
}

KnownStack* FindKnown(StackSet* set, const Caller& caller) {
  if (set == nullptr) return nullptr;
  for (KnownStack& known : set->ways) {
    if (IsCurrent(known, caller)) return &known;
  }
  return nullptr;
}

// At once while there is room, then now and then.
bool IsTimeToFill(StackSet* set) {
  const uint32_t misses = set->misses++;
  return misses < kWays || misses % kMissesPerFill == 0;
}

uint32_t WalkNow(StackSet* set, const Caller& caller) {
  InsideAgent inside;
  uint32_t stack = 0;
  if (set != nullptr && IsTimeToFill(set)) {
    stack = WalkAndRemember(inside, caller, &set->ways[set->next]);
    set->next = (set->next + 1) % kWays;
  }
  return stack != 0 ? stack : Walk(inside, caller);
}

uint64_t HashOf(uint32_t stack, uint32_t parent) {
  return ((uint64_t{parent} << 32 | stack) * 0x9E3779B97F4A7C15u) >> 24;
}

CreationRecord* At(uint32_t creation) { return Box::At<CreationRecord>(RegionId::kCreations, creation); }

// The creation, or 0; `slot`: where it is to be put. Records are complete before they are in the index.
uint32_t Find(uint32_t stack, uint32_t parent, uint32_t cut, uint32_t** slot) {
  for (uint64_t i = HashOf(stack, parent);; ++i) {
    *slot = &index_slots[i & index_mask];
    const uint32_t found = __atomic_load_n(*slot, __ATOMIC_ACQUIRE);
    if (found == 0) return 0;
    const CreationRecord* record = At(found);
    if (record->stack == stack && record->parent == parent && record->cut == cut) return found;
  }
}

uint32_t FindOrAdd(uint32_t stack, uint32_t parent, uint32_t cut) {
  uint32_t* slot;
  if (const uint32_t found = Find(stack, parent, cut, &slot); found != 0) return found;
  SpinGuard guard(lock);
  if (const uint32_t found = Find(stack, parent, cut, &slot); found != 0) return found;
  const uint32_t creation = Box::Append(RegionId::kCreations);
  if (creation == 0) {
    Box::Count(wire::Loss::kStacks);
    return 0;
  }
  CreationRecord* record = At(creation);
  record->parent = parent;
  record->depth = parent == 0 ? 0 : At(parent)->depth + 1;
  record->cut = cut;
  __atomic_store_n(&record->stack, stack, __ATOMIC_RELEASE);
  __atomic_store_n(slot, creation, __ATOMIC_RELEASE);
  return creation;
}

uint32_t CreationFrom(uint32_t stack, uint32_t parent) {
  if (stack == 0) return 0;
  if (parent != 0 && At(parent)->depth == kMostAncestors) parent = FindOrAdd(At(parent)->stack, 0, 1);
  return FindOrAdd(stack, parent, 0);
}

}  // namespace

bool Creations::Initialize() {
  const uint64_t capacity = Box::Header()->regions[static_cast<size_t>(RegionId::kCreations)].capacity;
  if (caches == nullptr) {
    index_mask = capacity * 2 - 1;
    index_slots = static_cast<uint32_t*>(PrivateAlloc((index_mask + 1) * sizeof(uint32_t)));
    caches = static_cast<StackCache*>(PrivateAlloc(sizeof(StackCache) * kCaches));
  }
  cache_count = 0;
  lock.Unlock();
  return index_slots != nullptr && caches != nullptr;
}

uint32_t Creations::Note(Thread* thread, uint32_t parent, const Caller& caller) {
  StackSet* set = SetOf(thread, caller);
  KnownStack* known = FindKnown(set, caller);
  if (known == nullptr) return CreationFrom(WalkNow(set, caller), parent);
  if (known->parent != parent || known->creation == 0) {
    known->creation = CreationFrom(known->stack, parent);
    known->parent = parent;
  }
  return known->creation;
}

uint32_t Creations::StackAt(Thread* thread, const Caller& caller) {
  StackSet* set = SetOf(thread, caller);
  const KnownStack* known = FindKnown(set, caller);
  return known != nullptr ? known->stack : WalkNow(set, caller);
}

uint32_t Creations::StackOf(uint32_t creation) { return creation == 0 ? 0 : At(creation)->stack; }

}  // namespace stray::agent
