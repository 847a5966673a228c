// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/reach/marker.h"

#include "agent/recorder/box.h"
#include "agent/recorder/goroutines.h"
#include "agent/recorder/reach/own_memory.h"
#include "agent/recorder/reach/pages.h"
#include "agent/recorder/threads.h"
#include "agent/wire/goroutine_records.h"

namespace stray::agent {
namespace {

using wire::ReachRecord;
using wire::ReachState;
using wire::RegionId;

constexpr uint64_t kPage = 4096;
constexpr uint64_t kHighest = uint64_t{1} << 47;
constexpr uint64_t kWordsBetweenLooks = 1 << 20;  // at the clock
constexpr size_t kWorkAhead = 64;
constexpr int kMostPasses = 1000;

// `spans` are in order of their starts, and overlap little.
bool InSpans(const Growing<Span>& spans, uint64_t address) {
  size_t low = 0, high = spans.size();
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (spans[middle].start <= address) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low > 0 && address < spans[low - 1].end;
}

}  // namespace

void Marker::SortExcluded() {
  // Shell sort: some hundred entries.
  for (size_t gap = excluded_.size() / 2; gap > 0; gap /= 2) {
    for (size_t i = gap; i < excluded_.size(); ++i) {
      const Span one = excluded_[i];
      size_t at = i;
      for (; at >= gap && excluded_[at - gap].start > one.start; at -= gap) excluded_[at] = excluded_[at - gap];
      excluded_[at] = one;
    }
  }
}

// What belongs to stray, and holds pointers to everything.
void Marker::ExcludeOwn() {
  uint64_t start, end;
  Exclude(own_stack_.start, own_stack_.end);
  Exclude(reinterpret_cast<uint64_t>(mappings_.begin()), reinterpret_cast<uint64_t>(mappings_.end()));
  for (size_t i = 0; PrivatePiece(i, &start, &end); ++i) Exclude(start, end);
  for (size_t i = 0; OwnMemory::Piece(i, &start, &end); ++i) Exclude(start, end);
  for (size_t i = 0; Goroutines::RecordPiece(i, &start, &end); ++i) Exclude(start, end);
  const auto box = reinterpret_cast<uint64_t>(Box::Header());
  Exclude(box, box + Box::Header()->file_bytes);
  for (size_t i = 0; i < stacks_.starts().size(); ++i) Exclude(stacks_.starts()[i], stacks_.ends()[i]);
  for (size_t chunk = 0; heap_ != nullptr && chunk < heap_abi::kChunks; ++chunk) {
    const auto map = reinterpret_cast<uint64_t>(heap_->directory[chunk]);
    if (map != 0) Exclude(map, map + heap_abi::kMapBytes);
  }
}

// libc keeps the stacks of threads that have ended, with all that is left on them. The memory may have been
// given back since, and be the program's: so it counts only as long as the thread's control block stands there
// (whose third word is its own address, where that is known), and below it a guard.
void Marker::ExcludeFinishedThreads() {
#if defined(__x86_64__)
  for (uint32_t slot = 0, slots = Threads::SlotCount(); slot < slots; ++slot) {
    const Thread* thread = Threads::At(slot);
    if (thread->record == nullptr || thread->record->serial == 0) continue;
    if (thread->record->state != static_cast<uint8_t>(wire::TaskState::kFinished)) continue;
    const uint64_t handle = thread->record->handle;
    const Mapping* mapping = handle == 0 ? nullptr : FindMapping(mappings_, handle);
    if (mapping == nullptr || !mapping->is_writable || mapping->is_file || mapping->is_shared) continue;
    if (mapping->end - handle > 16 * kPage || mapping->end - handle < kPage / 4 || mapping->has_blocks ||
        !HasGuard(mappings_, *mapping))
      continue;
    if (reinterpret_cast<const uint64_t*>(handle)[2] != handle) continue;
    bool is_stack = false;
    stacks_.TaskAt(handle, &is_stack);
    if (!is_stack) Exclude(mapping->start, mapping->end);
  }
#endif
}

// glibc's lists of free blocks. They point to the header of a block, whose first word is the last one of the
// block before: as if somebody still had that. In an empty list, of which there are always some, two
// neighbouring words point 16 bytes before themselves; nothing else in libc's variables looks so, many times
// over.
void Marker::ExcludeArena() {
  constexpr uint64_t kListBytes = 16, kLists = 127, kLeastEmpty = 16;
  constexpr uint64_t kBefore = 112;  // the arena's flags, and lists of the smallest blocks
  constexpr uint64_t kAfter = 128;   // lists of the largest, which may not be empty; its sizes
  for (const Mapping& mapping : mappings_) {
    if (!mapping.is_libc || !mapping.is_writable) continue;
    uint64_t first = 0, last = 0, empty = 0;
    for (uint64_t at = mapping.start; at + kListBytes <= mapping.end; at += 8) {
      const auto* words = reinterpret_cast<const uint64_t*>(at);
      if (words[0] != at - kListBytes || words[1] != words[0]) continue;
      if (first != 0 && at - first > kLists * kListBytes) break;
      if (first == 0) first = at;
      last = at;
      ++empty;
    }
    if (empty >= kLeastEmpty) Exclude(last - (kLists - 1) * kListBytes - kBefore, last + kAfter);
  }
}

bool Marker::IsRoot(uint64_t block) const {
  const uint8_t* bits = root_bits_[block >> heap_abi::kChunkShift];
  const uint64_t granule = (block & ((uint64_t{1} << heap_abi::kChunkShift) - 1)) >> heap_abi::kGranuleShift;
  return bits != nullptr && (bits[granule / 8] >> granule % 8 & 1) != 0;
}

// False: it was one already.
bool Marker::MarkRoot(uint64_t block) {
  uint8_t*& bits = root_bits_[block >> heap_abi::kChunkShift];
  if (bits == nullptr) {
    bits = static_cast<uint8_t*>(
        MapLargePages((uint64_t{1} << (heap_abi::kChunkShift - heap_abi::kGranuleShift)) / 8));
    if (bits == nullptr) {
      has_failed_ = true;
      return false;
    }
  }
  const uint64_t granule = (block & ((uint64_t{1} << heap_abi::kChunkShift) - 1)) >> heap_abi::kGranuleShift;
  const auto bit = static_cast<uint8_t>(1 << granule % 8);
  if ((bits[granule / 8] & bit) != 0) return false;
  bits[granule / 8] |= bit;
  return true;
}

// The number of a block that was found in step 2.
uint64_t Marker::NumberOf(uint64_t block, bool* is_new) {
  *is_new = false;
  uint32_t*& numbers = numbers_[block >> heap_abi::kChunkShift];
  if (numbers == nullptr) {
    constexpr uint64_t kGranules = uint64_t{1} << (heap_abi::kChunkShift - heap_abi::kGranuleShift);
    numbers = static_cast<uint32_t*>(MapLargePages(kGranules * sizeof(uint32_t)));
    if (numbers == nullptr) {
      has_failed_ = true;
      return 0;
    }
  }
  uint32_t& number = numbers[(block & ((uint64_t{1} << heap_abi::kChunkShift) - 1)) >> heap_abi::kGranuleShift];
  if (number == 0) {
    *is_new = true;
    number = static_cast<uint32_t>(next_number_++);
    if (next_number_ > UINT32_MAX) has_failed_ = true;
  }
  return number;
}

void Marker::AddEdge(uint64_t from, uint64_t to) {
  // The same word often stands several times in a row.
  if (!edges_.empty() && edges_[edges_.size() - 1].from == from && edges_[edges_.size() - 1].to == to) return;
  edges_.Push({from, to});
}

// Numbers 1 to all().size() are the stacks of tasks.
void Marker::OnStack(uint32_t index, uint64_t address, uint64_t from) {
  TaskMemory& memory = stacks_.all()[index];
  if (memory.is_reached || address < memory.low || address >= memory.high || address >= memory.control) return;
  if (from == (wire::kReachMemory | (index + 1))) return;  // a task's pointers to its own stack
  // The place of a task in the queue of what it waits for (runtime_abi.h) is no way to what else it has.
  const bool has_word = address % 8 == 0 && address + 8 <= memory.high;
  if (has_word && memory.record != 0 && *reinterpret_cast<const uint64_t*>(address) == memory.record) return;
  if (from != wire::kReachAnybody) return AddEdge(from, wire::kReachMemory | (index + 1));
  memory.is_reached = true;
  work_.Push({memory.low, memory.high, wire::kReachAnybody});
  if (memory.other_low != 0) work_.Push({memory.other_low, memory.other_high, wire::kReachAnybody});
}

void Marker::OnWord(uint64_t word, uint64_t from) {
  if (word < kPage || word >= kHighest) return;
  const Block block = blocks_.Find(word);
  if (block.start == 0) {
    bool is_stack = false;
    const int64_t index = stacks_.TaskAt(word, &is_stack);
    if (index >= 0) OnStack(static_cast<uint32_t>(index), word, from);
    return;
  }
  if (IsRoot(block.start)) return;
  const bool is_own = InSpans(excluded_, block.start);
  if (from == wire::kReachAnybody) {
    if (MarkRoot(block.start) && !is_own) work_.Push({block.start, block.end, from});
    return;
  }
  if (is_own) return;
  bool is_new = false;
  const uint64_t number = NumberOf(block.start, &is_new);
  AddEdge(from, wire::kReachMemory | number);
  if (is_new) work_.Push({block.start, block.end, wire::kReachMemory | number});
}

// Brings what OnWord() of it will read into the cache. Inline: gcc 12 drops a call of a function that does
// nothing but prefetch, as without effect.
inline __attribute__((always_inline)) void Marker::FetchFor(uint64_t word) const {
  blocks_.Fetch(word);
  const uint64_t granule = (word & ((uint64_t{1} << heap_abi::kChunkShift) - 1)) >> heap_abi::kGranuleShift;
  const uint8_t* bits = root_bits_[word >> heap_abi::kChunkShift];
  if (bits != nullptr) __builtin_prefetch(bits + granule / 8);
  const uint32_t* numbers = numbers_[word >> heap_abi::kChunkShift];
  if (numbers != nullptr) __builtin_prefetch(numbers + granule);
}

// A heap is large, and its blocks point anywhere: a word is looked at when kWordsAhead more have been asked
// for.
void Marker::ScanWords(uint64_t start, uint64_t end, uint64_t from) {
  start = (start + 7) & ~uint64_t{7};
  words_ += end < start ? 0 : (end - start) / 8;
  for (; start + 8 <= end; start += 8) {
    const uint64_t word = *reinterpret_cast<const uint64_t*>(start);
    if (word < kPage || word >= kHighest) continue;
    FetchFor(word);
    Pointer& next = ahead_[next_ahead_++ % kWordsAhead];
    const Pointer oldest = next;
    next = {word, from};
    if (oldest.word != 0) OnWord(oldest.word, oldest.from);
  }
  if (words_ < kWordsBetweenLooks) return;
  words_ = 0;
  if (PreciseNow() > limit_ns_) is_late_ = true;
}

// Looks at the words that were left.
void Marker::FinishWords() {
  for (size_t i = 0; i < kWordsAhead; ++i) {
    Pointer& next = ahead_[next_ahead_++ % kWordsAhead];
    const Pointer oldest = next;
    next = {};
    if (oldest.word != 0) OnWord(oldest.word, oldest.from);
  }
}

// First in, first out for the last kWorkAhead, whose memory is on its way meanwhile (Cher, Hosking and Vitek,
// "Software Prefetching for Mark-Sweep Garbage Collection", 2004).
void Marker::Drain() {
  Work ahead[kWorkAhead];
  size_t first = 0, count = 0;
  while (!is_late_ && !has_failed_) {
    if (count == 0 && work_.empty()) FinishWords();
    if (count == 0 && work_.empty()) break;
    for (; count < kWorkAhead && !work_.empty(); ++count) {
      const Work next = work_.Pop();
      __builtin_prefetch(reinterpret_cast<const void*>(next.start));
      __builtin_prefetch(reinterpret_cast<const void*>(next.end - 1));
      ahead[(first + count) % kWorkAhead] = next;
    }
    const Work work = ahead[first];
    first = (first + 1) % kWorkAhead;
    --count;
    if (work.end - work.start <= kDirectBytes) {
      ScanWords(work.start, work.end, work.from);
    } else {
      // Of what is large, most may never have been touched.
      ForEachPresent(work.start, work.end, false,
                     [&](uint64_t start, uint64_t end) { ScanWords(start, end, work.from); });
    }
  }
}

// The parts of [start, end) that are not excluded.
void Marker::ScanRootPart(uint64_t start, uint64_t end, bool is_shared) {
  for (const Span& span : excluded_) {
    if (span.end <= start) continue;
    if (span.start >= end || start >= end) break;
    if (span.start > start) {
      ForEachPresent(start, span.start, is_shared,
                     [&](uint64_t low, uint64_t high) { ScanWords(low, high, wire::kReachAnybody); });
    }
    start = span.end > start ? span.end : start;
  }
  if (start >= end) return;
  ForEachPresent(start, end, is_shared,
                 [&](uint64_t low, uint64_t high) { ScanWords(low, high, wire::kReachAnybody); });
}

// Where the allocator keeps free blocks, with all that still stands in them: behind the program break, in
// glibc's further arenas, which begin at multiples of their greatest size (one without a block cannot be told
// from other memory), and where another allocator has mapped memory.
bool Marker::IsAllocators(uint64_t start, uint64_t end) const {
  constexpr uint64_t kArenaBytes = 64 << 20;
  const Mapping* mapping = FindMapping(mappings_, start);
  if (mapping != nullptr && mapping->is_heap && start_brk_ != 0 && start >= start_brk_) return true;
  if (mapping != nullptr && mapping->has_blocks && mapping->start % kArenaBytes == 0 &&
      end <= mapping->start + kArenaBytes)
    return true;
  for (uint32_t i = 0; i < *heap_->region_count; ++i) {
    const heap_abi::MappedRegion region = heap_->regions[i];
    if (region.is_allocators != 0 && region.start <= start && region.end >= end) return true;
  }
  return false;
}

void Marker::ScanRootMapping(const Mapping& mapping) {
  // Files that processes share hold no pointers, and devices may do things when they are read.
  if (!mapping.is_readable || mapping.is_device || (mapping.is_shared && mapping.is_file)) return;
  if (mapping.is_file && !mapping.is_writable) return;
  const bool is_heap_free = heap_ == nullptr || (!mapping.has_blocks && !mapping.is_heap &&
                                                 !IsAllocators(mapping.start, mapping.end));
  if (is_heap_free) return ScanRootPart(mapping.start, mapping.end, mapping.is_shared);
  // The kernel makes one mapping of neighbours: variables, thread-local ones, and what the program has mapped
  // itself may be part of one that has blocks. So what is not known to be the allocator's is read.
  for (uint32_t i = 0; i < *heap_->region_count; ++i) {
    const heap_abi::MappedRegion region = heap_->regions[i];
    if (region.is_allocators != 0 || region.end <= mapping.start || region.start >= mapping.end) continue;
    ScanRootPart(region.start > mapping.start ? region.start : mapping.start,
                 region.end < mapping.end ? region.end : mapping.end, mapping.is_shared);
  }
  const uint64_t variables_end = mapping.is_heap && start_brk_ > mapping.start ? start_brk_ : mapping.start;
  ScanRootPart(mapping.start, variables_end < mapping.end ? variables_end : mapping.end, mapping.is_shared);
  if (IsAllocators(variables_end, mapping.end)) return;
  uint64_t at = variables_end;
  while (at < mapping.end) {
    const Block next = mapping.has_blocks ? blocks_.Next(at, mapping.end) : Block{};
    const uint64_t gap_end = next.start == 0 ? mapping.end : next.start;
    if (gap_end > at && !IsAllocators(at, gap_end)) ScanRootPart(at, gap_end, mapping.is_shared);
    at = next.start == 0 ? mapping.end : next.end;
  }
}

void Marker::MarkRoots() {
  for (const Mapping& mapping : mappings_) {
    ScanRootMapping(mapping);
    Drain();
  }
  for (TaskMemory& memory : stacks_.all()) {
    if (memory.task != 0) continue;
    memory.is_reached = true;
    work_.Push({memory.low, memory.high, wire::kReachAnybody});
    work_.Push({memory.other_low, memory.other_high, wire::kReachAnybody});
    const auto registers = reinterpret_cast<uint64_t>(&memory.registers);
    ScanWords(registers, registers + sizeof(Registers), wire::kReachAnybody);
    OnWord(memory.argument, wire::kReachAnybody);
    Drain();
  }
}

void Marker::ScanTasks() {
  for (uint32_t index = 0; index < stacks_.all().size(); ++index) {
    const TaskMemory memory = stacks_.all()[index];
    if (memory.task == 0) continue;
    const uint64_t from = wire::kReachMemory | (index + 1);
    AddEdge(wire::kReachTask | memory.task, from);
    if (memory.is_reached) AddEdge(wire::kReachAnybody, from);
    const auto registers = reinterpret_cast<uint64_t>(&memory.registers);
    ScanWords(registers, registers + sizeof(Registers), from);
    OnWord(memory.argument, from);
    work_.Push({memory.low, memory.high, from});
    work_.Push({memory.other_low, memory.other_high, from});
    Drain();
  }
}

// Where `address` lies is who can reach it.
void Marker::AnswerQuery(uint64_t address) {
  const uint64_t to = wire::kReachAddress | address;
  const Block block = blocks_.Find(address);
  bool is_stack = false, is_new = false;
  if (block.start != 0) {
    if (IsRoot(block.start)) return AddEdge(wire::kReachAnybody, to);
    return AddEdge(wire::kReachMemory | NumberOf(block.start, &is_new), to);
  }
  const int64_t index = stacks_.TaskAt(address, &is_stack);
  if (index < 0) return AddEdge(wire::kReachAnybody, to);
  const TaskMemory& memory = stacks_.all()[static_cast<size_t>(index)];
  if (memory.task == 0 || memory.is_reached) return AddEdge(wire::kReachAnybody, to);
  AddEdge(wire::kReachMemory | (static_cast<uint64_t>(index) + 1), to);
}

void Marker::AnswerQueries() {
  const wire::BlackBoxHeader* box = Box::Header();
  const auto used = [&](RegionId region) { return box->regions[static_cast<size_t>(region)].used; };
  const auto blocked = static_cast<uint8_t>(wire::TaskState::kBlocked);
  for (uint32_t i = 1; i <= used(RegionId::kSnapshot); ++i) {
    const auto* task =
        reinterpret_cast<const wire::TaskRecord*>(Box::At<wire::SnapshotTask>(RegionId::kSnapshot, i));
    if (task->state == blocked && task->wait_address >= kPage) AnswerQuery(task->wait_address);
  }
  for (uint32_t i = 1; i <= used(RegionId::kGoroutines); ++i) {
    const auto* task = Box::At<wire::GoroutineState>(RegionId::kGoroutines, i);
    if (task->state == blocked && task->wait_address >= kPage) AnswerQuery(task->wait_address);
    for (uint32_t j = 0; j < task->case_count; ++j) {
      const auto* one = Box::At<wire::CaseRecord>(RegionId::kCases, task->cases + j);
      if (one->object != 0) AnswerQuery(Box::At<wire::ObjectRecord>(RegionId::kObjects, one->object)->address);
    }
  }
}

// Keeps the edges on a way to what somebody waits for.
void Marker::DropIrrelevant() {
  auto* leads = static_cast<uint8_t*>(MapMemory(next_number_));
  if (leads == nullptr) {
    has_failed_ = true;
    return;
  }
  const auto matters = [&](const ReachRecord& edge) {
    if ((edge.to & wire::kReachTagMask) == wire::kReachAddress) return true;
    return leads[edge.to & ~uint64_t{wire::kReachTagMask}] != 0;
  };
  bool has_changed = true;
  for (int pass = 0; has_changed && pass < kMostPasses; ++pass) {
    has_changed = false;
    // What was found later is nearer to the end of the way, mostly.
    for (size_t i = edges_.size(); i-- > 0;) {
      const ReachRecord& edge = edges_[i];
      if ((edge.from & wire::kReachTagMask) != wire::kReachMemory || !matters(edge)) continue;
      uint8_t& from = leads[edge.from & ~uint64_t{wire::kReachTagMask}];
      if (from != 0) continue;
      from = 1;
      has_changed = true;
    }
  }
  if (has_changed) return;  // a chain that long is kept with all that hangs on it
  size_t kept = 0;
  for (size_t i = 0; i < edges_.size(); ++i) {
    if (matters(edges_[i])) edges_[kept++] = edges_[i];
  }
  edges_.Shrink(kept);
}

ReachState Marker::Write() {
  if (!Box::Reserve(RegionId::kReach, edges_.size())) return ReachState::kNoSpace;
  for (size_t i = 0; i < edges_.size(); ++i) {
    *Box::At<ReachRecord>(RegionId::kReach, static_cast<uint32_t>(i + 1)) = edges_[i];
  }
  Box::Header()->regions[static_cast<size_t>(RegionId::kReach)].used = edges_.size();
  return ReachState::kComplete;
}

ReachState Marker::Run(const TaskStacks::Taker& taker) {
  // Before there is more memory of our own: what is mapped later is in no list.
  bool is_ready = ReadMappings(&mappings_);
  start_brk_ = ReadStartOfHeap();
  root_bits_ = static_cast<uint8_t**>(MapMemory(heap_abi::kChunks * sizeof(uint8_t*)));
  numbers_ = static_cast<uint32_t**>(MapMemory(heap_abi::kChunks * sizeof(uint32_t*)));
  is_ready = is_ready && root_bits_ != nullptr && numbers_ != nullptr && blocks_.Build(heap_, &mappings_) &&
             stacks_.Find(taker, mappings_, blocks_);
  if (!is_ready) return ReachState::kNoMemory;
  if (!stacks_.AreAllKnown()) return ReachState::kNotStill;
  next_number_ = stacks_.all().size() + 1;
  ExcludeOwn();
  ExcludeFinishedThreads();
  ExcludeArena();
  SortExcluded();
  MarkRoots();
  ScanTasks();
  AnswerQueries();
  if (!is_late_) DropIrrelevant();
  if (is_late_) return ReachState::kTooLong;
  if (has_failed_ || work_.is_full || edges_.is_full || excluded_.is_full) return ReachState::kNoMemory;
  return Write();
}

}  // namespace stray::agent
