// SPDX-License-Identifier: Apache-2.0
// marker.h: reads off the memory of the process who can reach what tasks wait for. Runs in a copy of the
// process, in which nothing moves: no other thread, no heap, no libc.
//
// Conservative, as in Boehm and Weiser, "Garbage Collection in an Uncooperative Environment" (1988): every word
// that could be the address of memory is. In three steps:
//
//   1. from variables, and from memory that nothing is known of: all that is found there anybody can reach
//   2. from the stack of each task, in turn: what is found there and was not found in 1 is an edge of the
//   answer,
//      and so on from block to block; a block is read once
//   3. what leads to nothing that a task waits for is dropped
//
// Memory is known if it is a block of the heap, the stack of a task, or the allocator's own; the rest counts as
// variables: never as unreachable. Free stacks and blocks that were given back are not read.
#ifndef STRAY_AGENT_RECORDER_REACH_MARKER_H_
#define STRAY_AGENT_RECORDER_REACH_MARKER_H_

#include <cstdint>

#include "agent/recorder/reach/block_index.h"
#include "agent/recorder/reach/growing.h"
#include "agent/recorder/reach/mappings.h"
#include "agent/recorder/reach/task_stacks.h"
#include "agent/wire/black_box.h"
#include "agent/wire/reach.h"

namespace stray::agent {

struct Span {
  uint64_t start, end;
};

class Marker {
 public:
  // `heap`: null if nothing is known of the heap. `own_stack`: that this runs on. `limit_ns`: when to give up,
  // on the clock of PreciseNow().
  Marker(const heap_abi::HeapDescriptor* heap, Span own_stack, uint64_t limit_ns)
      : heap_(heap), own_stack_(own_stack), limit_ns_(limit_ns) {}

  // Once. Writes the answer to region kReach of the box.
  wire::ReachState Run(const TaskStacks::Taker& taker);

 private:
  struct Work {
    uint64_t start, end;
    uint64_t from;  // as in ReachRecord; kReachAnybody in step 1
  };

  struct Pointer {
    uint64_t word = 0;  // 0: none
    uint64_t from = 0;
  };
  static constexpr size_t kWordsAhead = 64;

  void ExcludeOwn();
  void ExcludeFinishedThreads();
  void ExcludeArena();
  void Exclude(uint64_t start, uint64_t end) {
    if (start < end) excluded_.Push({start, end});
  }
  void SortExcluded();
  void MarkRoots();
  bool IsAllocators(uint64_t start, uint64_t end) const;
  void ScanRootMapping(const Mapping& mapping);
  void ScanRootPart(uint64_t start, uint64_t end, bool is_sparse);
  void ScanTasks();
  void Drain();
  void FetchFor(uint64_t word) const;
  void ScanWords(uint64_t start, uint64_t end, uint64_t from);
  void FinishWords();
  void OnWord(uint64_t word, uint64_t from);
  void OnStack(uint32_t task, uint64_t address, uint64_t from);
  void AnswerQueries();
  void AnswerQuery(uint64_t address);
  void DropIrrelevant();
  wire::ReachState Write();

  bool IsRoot(uint64_t block) const;
  bool MarkRoot(uint64_t block);
  uint64_t NumberOf(uint64_t block, bool* is_new);
  void AddEdge(uint64_t from, uint64_t to);

  const heap_abi::HeapDescriptor* heap_;
  const Span own_stack_;
  const uint64_t limit_ns_;
  bool has_failed_ = false, is_late_ = false;
  Growing<Mapping> mappings_;
  uint64_t start_brk_ = 0;  // 0: not known
  BlockIndex blocks_;
  TaskStacks stacks_;
  Growing<Span> excluded_;
  Growing<Work> work_;
  Growing<wire::ReachRecord> edges_;
  uint8_t** root_bits_ = nullptr;  // by chunk of the heap's map: a bit for each granule
  uint32_t** numbers_ =
      nullptr;  // likewise: the number of the block that begins there, if it was found in step 2
  uint64_t next_number_ = 1;
  uint64_t words_ = 0;
  Pointer ahead_[kWordsAhead];  // words that were read and not looked at, in a circle
  size_t next_ahead_ = 0;
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_REACH_MARKER_H_
