// SPDX-License-Identifier: Apache-2.0
// kernel_threads.cc: what /proc/self/task tells of the threads of this process.
#include <fcntl.h>
#include <string.h>

#include "agent/base/raw.h"
#include "agent/recorder/box.h"
#include "agent/recorder/snapshot.h"
#include "agent/recorder/threads.h"

namespace stray::agent {
namespace {

struct DirectoryEntry {  // struct linux_dirent64
  uint64_t inode;
  int64_t offset;
  uint16_t length;
  uint8_t type;
  char name[1];
};

// Reads /proc/self/task/TID`name`, as ReadFile() does.
long ReadTaskFile(int tid, const char* name, char* text, size_t size) {
  char path[64] = "/proc/self/task/";
  char* end = path + strlen(path);
  end += FormatUnsigned(static_cast<uint64_t>(tid), end);
  strcpy(end, name);
  return ReadFile(path, text, size);
}

}  // namespace

bool IsSignalBlocked(int tid, int signal) {
  char text[2048] = {};
  if (ReadTaskFile(tid, "/status", text, sizeof(text) - 1) <= 0) return false;
  const char* mask = strstr(text, "SigBlk:\t");
  if (mask == nullptr) return false;
  mask += strlen("SigBlk:\t");
  return (ParseHex(&mask) >> (signal - 1) & 1) != 0;
}

KernelState ReadKernelState(int tid) {
  char text[32] = {};
  KernelState state;
  if (ReadTaskFile(tid, "/syscall", text, sizeof(text) - 1) <= 0) return state;
  state.exists = true;
  state.running = strncmp(text, "running", 7) == 0;
  const char* number = text;
  if (*number >= '0' && *number <= '9') state.system_call = static_cast<int>(ParseUnsigned(&number));
  return state;
}

void ForEachKernelThread(void (*visit)(int tid, void* argument), void* argument) {
  const int fd = RawOpen("/proc/self/task", O_RDONLY | O_DIRECTORY);
  if (fd < 0) return;
  alignas(8) char buffer[1024];
  for (;;) {
    const long bytes = RawCall(SYS_getdents64, fd, reinterpret_cast<long>(buffer), sizeof(buffer));
    if (bytes <= 0) break;
    for (long at = 0; at < bytes;) {
      const auto* entry = reinterpret_cast<const DirectoryEntry*>(buffer + at);
      const char* name = entry->name;
      const int tid = static_cast<int>(ParseUnsigned(&name));
      if (tid != 0) visit(tid, argument);
      at += entry->length;
    }
  }
  RawClose(fd);
}

uint32_t CountUnknownThreads() {
  // One bit for the low bits of each known thread id: two that fall together hide an unknown thread at worst.
  struct Count {
    uint64_t known[1024];
    uint32_t unknown;
  };
  static Count count;  // under the lock of whoever takes a snapshot or settles: one thread at a time
  memset(&count, 0, sizeof(count));
  // Ended tasks count as known: their threads may still be on their way out of the kernel, and a main thread
  // that has called pthread_exit() stays there until the process ends.
  for (uint32_t slot = 0, slots = Threads::SlotCount(); slot < slots; ++slot) {
    const Thread* thread = Threads::At(slot);
    if (thread->record == nullptr || thread->record->tid == 0) continue;
    const auto bit = static_cast<uint32_t>(thread->record->tid) & 0xffff;
    count.known[bit / 64] |= uint64_t{1} << bit % 64;
  }
  ForEachKernelThread(
      [](int tid, void* argument) {
        auto* found = static_cast<Count*>(argument);
        const auto bit = static_cast<uint32_t>(tid) & 0xffff;
        if ((found->known[bit / 64] >> bit % 64 & 1) == 0) ++found->unknown;
      },
      &count);
  // ThreadSanitizer keeps a thread of its own, which has nothing to do with the program's.
  const bool sanitizer = (Box::Header()->flags & wire::kBoxSanitizer) != 0;
  return sanitizer && count.unknown > 0 ? count.unknown - 1 : count.unknown;
}

}  // namespace stray::agent
