// SPDX-License-Identifier: Apache-2.0
// box.h: the black box as its writer sees it, and the private memory beside it.
//
//   Box::Header()                         the mapped file, see agent/wire/black_box.h
//   Box::Append<RegionId::kStacks>(...)   room for records, 0 when there is none (counted as a loss)
//   PrivateAlloc()                        tables that only this process needs; gone at fork
//
// Space is made with MADV_POPULATE_WRITE before it is touched: a full file system is an error code here
// and never a SIGBUS in the host. No descriptor stays open, so a host that closes all of its own, or
// reuses numbers, does us no harm.
#ifndef STRAY_AGENT_RECORDER_BOX_H_
#define STRAY_AGENT_RECORDER_BOX_H_

#include <cstddef>
#include <cstdint>

#include "agent/wire/black_box.h"

namespace stray::agent {

class Box {
 public:
  // Creates `directory`/PID.N.box and maps it, smaller where limits of the process leave it less room. Returns
  // null, or why that cannot be done; nothing is left behind then. Context: a process with one thread.
  static const char* Create(const char* directory);

  // Unmaps and removes the box again: nobody will write to it.
  static void Discard();

  // After fork: forgets the parent's box, all but the page in which losses are counted; the next Create() makes
  // a new one.
  static void Abandon();
  // Counts a loss in the box that was abandoned, if there is one: for a child that can have none of its own.
  static void CountInParent(wire::Loss loss);
  static void ForgetParent();

  static bool IsOpen() { return base_ != nullptr; }
  static wire::BlackBoxHeader* Header() { return reinterpret_cast<wire::BlackBoxHeader*>(base_); }

  // Reserves `count` records in `region` and returns the index of the first, from 1; 0 if there is no room.
  // The records are zero. Context: any hook; takes a spin lock only when space must be made.
  static uint32_t Append(wire::RegionId region, uint32_t count = 1);

  // Makes sure that the first `count` records of `region` can be written, whatever `used` says.
  static bool Reserve(wire::RegionId region, uint64_t count);

  // Record `index` of `region`. The caller has it from Append().
  template <typename T>
  static T* At(wire::RegionId region, uint32_t index) {
    const wire::Region& r = Header()->regions[static_cast<size_t>(region)];
    return reinterpret_cast<T*>(base_ + r.offset) + (index - 1);
  }

  // Copies `text` (at most `length` bytes) to the string region; 0 if there is no room.
  static uint32_t AddString(const char* text, size_t length);
  static uint32_t AddString(const char* text);
  static const char* String(uint32_t offset);

  // Room of `bytes` in the pool, 8-aligned, as an offset usable with PoolAt(); 0 if there is none.
  static uint64_t AllocatePool(size_t bytes);
  static void* PoolAt(uint64_t offset) {
    return base_ + Header()->regions[static_cast<size_t>(wire::RegionId::kPool)].offset + offset;
  }

  static void Count(wire::Loss loss, uint64_t n = 1) {
    __atomic_fetch_add(&Header()->losses[static_cast<size_t>(loss)], n, __ATOMIC_RELAXED);
  }

 private:
  static const char* MapAndPopulate(int fd, uint64_t most_bytes);
  static void Unmap();

  static char* base_;
  static wire::BlackBoxHeader* parent_;
};

// Zeroed private memory, page-aligned, untouched until used; null if the address space is exhausted. All of
// it is emptied by PrivateReset(), which a forked child calls before it starts anew.
void* PrivateAlloc(size_t bytes);
void PrivateReset();
// The pieces, by number from 0. False: no more.
bool PrivatePiece(size_t number, uint64_t* start, uint64_t* end);
// Gives back the address space as well: for an agent that stays off from here on.
void PrivateRelease();

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_BOX_H_
