// SPDX-License-Identifier: Apache-2.0
// kernel_threads.cc: what /proc/self/task tells of the threads of this process.
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "agent/base/raw.h"
#include "agent/recorder/box.h"
#include "agent/recorder/libc_threads.h"
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

namespace {

// Threads that are about to be born or gone look like nobody's: they get this many looks, and a little time
// between.
constexpr int kLooks = 4;
constexpr uint64_t kBetweenLooksNs = 1'000'000;

// One bit for the low bits of each known thread id: two that fall together hide an unknown thread at worst.
struct UnknownThreads {
  uint64_t known[1024];
  uint32_t libc;
  uint32_t others;
  uint32_t nobodys;  // of the others
};

// True if it will never again come back from the kernel to the program. Who joined it may go on long before the
// kernel has done with it, and its record be that of another by then.
bool IsOnItsWayOut(int tid) {
  constexpr int kState = 3, kFlags = 9;  // fields of /proc/PID/stat, see proc(5)
  constexpr uint64_t kExiting = 4;       // PF_EXITING of the kernel's sched.h
  char text[512] = {};
  const long bytes = ReadTaskFile(tid, "/stat", text, sizeof(text) - 1);
  if (bytes <= 0) return bytes == 0 || bytes == -ENOENT;  // it is gone
  const char* at = strrchr(text, ')');                    // the name before may hold anything
  for (int field = kState - 1; at != nullptr && field < kFlags; ++field) {
    at = strchr(at, ' ');
    if (at != nullptr) ++at;
  }
  return at != nullptr && (ParseUnsigned(&at) & kExiting) != 0;
}

void AddThread(int tid, void* argument) {
  auto* found = static_cast<UnknownThreads*>(argument);
  const auto bit = static_cast<uint32_t>(tid) & 0xffff;
  if ((found->known[bit / 64] >> bit % 64 & 1) != 0) return;
  const ThreadMaker maker = LibcThreads::MakerOf(tid);
  if (maker == ThreadMaker::kAgent || IsOnItsWayOut(tid)) return;
  ++(maker == ThreadMaker::kLibc ? found->libc : found->others);
  if (maker == ThreadMaker::kNobody) ++found->nobodys;
}

// Ended tasks count as known: their threads may still be on their way out of the kernel, and a main thread
// that has called pthread_exit() stays there until the process ends.
void Look(UnknownThreads* found) {
  memset(found, 0, sizeof(*found));
  for (uint32_t slot = 0, slots = Threads::SlotCount(); slot < slots; ++slot) {
    const Thread* thread = Threads::At(slot);
    if (thread->record == nullptr || thread->record->tid == 0) continue;
    const auto bit = static_cast<uint32_t>(thread->record->tid) & 0xffff;
    found->known[bit / 64] |= uint64_t{1} << bit % 64;
  }
  ForEachKernelThread(&AddThread, found);
  // ThreadSanitizer keeps a thread of its own, which has nothing to do with the program's.
  const bool sanitizer = (Box::Header()->flags & wire::kBoxSanitizer) != 0;
  if (sanitizer && found->others > 0) --found->others;
}

const UnknownThreads& FindUnknownThreads() {
  static UnknownThreads found;  // under the lock of whoever takes a snapshot or settles: one thread at a time
  Look(&found);
  for (int look = 1; look < kLooks && found.others > 0 && found.nobodys > 0; ++look) {
    const uint32_t word = 0;
    FutexWait(&word, 0, kBetweenLooksNs);
    Look(&found);
  }
  return found;
}

// Keeps step with the gap that the snapshot notes: of that many threads, so many are libc's own.
void NoteLibcThreads(uint32_t count) {
  const uint64_t gaps = Box::Header()->regions[static_cast<size_t>(wire::RegionId::kGaps)].used;
  for (uint32_t i = 1; i <= gaps; ++i) {
    auto* gap = Box::At<wire::GapRecord>(wire::RegionId::kGaps, i);
    if (gap->kind != static_cast<uint32_t>(wire::GapKind::kLibcThread)) continue;
    gap->number = count;
    return;
  }
  const uint32_t index = count == 0 ? 0 : Box::Append(wire::RegionId::kGaps);
  if (index == 0) return;
  auto* gap = Box::At<wire::GapRecord>(wire::RegionId::kGaps, index);
  gap->number = count;
  __atomic_store_n(&gap->kind, static_cast<uint32_t>(wire::GapKind::kLibcThread), __ATOMIC_RELEASE);
}

}  // namespace

bool HasUnknownThreads() {
  const UnknownThreads& found = FindUnknownThreads();
  return found.libc + found.others > 0;
}

uint32_t CountUnknownThreads() {
  const UnknownThreads& found = FindUnknownThreads();
  const uint32_t count = found.libc + found.others;
  if (count > 0) NoteLibcThreads(found.libc);
  return count;
}

}  // namespace stray::agent
