// SPDX-License-Identifier: Apache-2.0
// shared_memory.h: which addresses other processes may write to.
//
// A futex call says "private" only as an optimization, and the C++ library never does; so whether another
// process could end a wait is read off the memory map.
#ifndef STRAY_AGENT_RECORDER_SHARED_MEMORY_H_
#define STRAY_AGENT_RECORDER_SHARED_MEMORY_H_

#include <cstddef>
#include <cstdint>

namespace stray::agent {

// The shared mappings of this process at one moment. About 2 KiB: not for small stacks.
class SharedRanges {
 public:
  // Reads /proc/self/maps.
  void Load();
  // True if `address` lies in a shared mapping, or that cannot be told (unreadable, or too many of them).
  bool Contains(uint64_t address) const;

 private:
  static constexpr size_t kMost = 128;
  struct Range {
    uint64_t start, end;
  };
  void AddLine(const char* line);

  Range ranges_[kMost] = {};
  size_t count_ = 0;
  bool complete_ = false;
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_SHARED_MEMORY_H_
