// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/libc_threads.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sys/uio.h>

#include "agent/base/raw.h"
#include "agent/recorder/modules.h"
#include "agent/recorder/walk_memory.h"

namespace stray::agent {
namespace {

// What libthread_db reads in libc to know where a field is: | bits | elements | offset in bytes |.
struct FieldPlace {
  uint32_t bits;
  uint32_t elements;
  uint32_t offset;
};

const FieldPlace* start_routine_place = nullptr;
const FieldPlace* tid_place = nullptr;

// What tells the module of `address` from others, 0 if there is none.
uint64_t ModuleOf(uint64_t address) {
  dl_phdr_info info = {};
  return Modules::Describe(address, &info) ? reinterpret_cast<uint64_t>(info.dlpi_phdr) : 0;
}

// Address of the robust list of thread `tid`, 0 if it has none. 0 as tid: the calling thread.
uint64_t RobustList(int tid) {
  uint64_t head = 0;
  size_t bytes = 0;
  const long error =
      RawCall(SYS_get_robust_list, tid, reinterpret_cast<long>(&head), reinterpret_cast<long>(&bytes));
  return error == 0 ? head : 0;
}

// The descriptor of thread `tid`, 0 if it has none.
uint64_t DescriptorOf(int tid) {
  const uint64_t list = RobustList(tid);
  const uint64_t own_list = RobustList(0);
  if (list == 0 || own_list == 0) return 0;
  const uint64_t descriptor = list - (own_list - static_cast<uint64_t>(pthread_self()));
  int tid_in_it = 0;
  const bool is_one = CopyMemory(descriptor + tid_place->offset, &tid_in_it, sizeof(tid_in_it));
  return is_one && tid_in_it == tid ? descriptor : 0;
}

}  // namespace

void LibcThreads::Initialize() {
  start_routine_place = static_cast<FieldPlace*>(dlsym(RTLD_DEFAULT, "_thread_db_pthread_start_routine"));
  tid_place = static_cast<FieldPlace*>(dlsym(RTLD_DEFAULT, "_thread_db_pthread_tid"));
}

ThreadMaker LibcThreads::MakerOf(int tid) {
  if (start_routine_place == nullptr || tid_place == nullptr) return ThreadMaker::kNobody;
  const uint64_t descriptor = DescriptorOf(tid);
  uint64_t start = 0;
  if (descriptor == 0 || !CopyMemory(descriptor + start_routine_place->offset, &start, sizeof(start))) {
    return ThreadMaker::kNobody;
  }
  const uint64_t module = ModuleOf(start);
  if (module == 0) return ThreadMaker::kProgram;
  if (module == ModuleOf(reinterpret_cast<uint64_t>(start_routine_place))) return ThreadMaker::kLibc;
  return module == ModuleOf(reinterpret_cast<uint64_t>(&RobustList)) ? ThreadMaker::kAgent
                                                                     : ThreadMaker::kProgram;
}

}  // namespace stray::agent
