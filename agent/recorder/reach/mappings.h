// SPDX-License-Identifier: Apache-2.0
// mappings.h: the memory of this process, as /proc/self/maps lists it, in the process that reads it.
#ifndef STRAY_AGENT_RECORDER_REACH_MAPPINGS_H_
#define STRAY_AGENT_RECORDER_REACH_MAPPINGS_H_

#include <cstdint>

#include "agent/recorder/reach/growing.h"

namespace stray::agent {

struct Mapping {
  uint64_t start, end;
  bool is_readable, is_writable, is_shared;
  bool is_device;     // reading it may do things
  bool is_file;       // backed by a file of a file system
  bool is_heap;       // [heap]
  bool is_stack;      // [stack]
  bool is_libc;       // of its file
  bool has_blocks;    // filled in by the marker
  uint64_t* carried;  // by page: start of the block that reaches into it, 0: none
};

// Fills `out` in order of address. False: it cannot be read, or there is no memory.
bool ReadMappings(Growing<Mapping>* out);

// Where the heap behind the program break begins; 0: that cannot be told.
uint64_t ReadStartOfHeap();

// True if memory that nobody can touch lies right below `mapping`, as below the stack of a thread.
bool HasGuard(const Growing<Mapping>& mappings, const Mapping& mapping);

// The mapping that `address` lies in, or null.
Mapping* FindMapping(const Growing<Mapping>& mappings, uint64_t address);

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_REACH_MAPPINGS_H_
