// SPDX-License-Identifier: Apache-2.0
// own_memory.h: the variables of stray's own libraries, which hold pointers to the program's objects.
#ifndef STRAY_AGENT_RECORDER_REACH_OWN_MEMORY_H_
#define STRAY_AGENT_RECORDER_REACH_OWN_MEMORY_H_

#include <cstddef>
#include <cstdint>

namespace stray::agent {

class OwnMemory {
 public:
  // Once, while the loader may be asked.
  static void Find(const void* in_heap_library);
  // By number from 0. False: no more.
  static bool Piece(size_t number, uint64_t* start, uint64_t* end);

 private:
  static void AddModuleOf(const void* address);
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_REACH_OWN_MEMORY_H_
