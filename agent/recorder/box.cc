// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/box.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "agent/base/raw.h"
#include "agent/base/spin_lock.h"
#include "agent/recorder/limits.h"
#include "agent/recorder/session_path.h"
#include "agent/wire/goroutine_records.h"
#include "agent/wire/reach.h"
#include "agent/wire/trace_ring.h"
#include "agent/wire/wait_totals.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace stray::agent {
namespace {

using wire::Region;
using wire::RegionId;

constexpr size_t kPage = 4096;
constexpr size_t kGrowBytes = 64 * 1024;  // space is made in steps of this
constexpr size_t kRegions = static_cast<size_t>(RegionId::kCount);
constexpr unsigned kMaxShift = 8;
constexpr uint64_t kLeastCapacity = 16;  // of a region, a power of two as all are
constexpr uint64_t kTablesPerBox = 2;    // the private tables take about so many times the room of the box
static_assert(sizeof(wire::BlackBoxHeader) <= kPage, "the first page is all that is made room for at once");

struct RegionPlan {
  uint64_t capacity;
  uint32_t record_bytes;
};

// In the order of RegionId. About 300 MiB of sparse file; a small program touches some 200 KiB of it.
constexpr RegionPlan kPlan[kRegions] = {
    {32768, sizeof(wire::TaskRecord)},
    {1 << 20, sizeof(wire::ObjectRecord)},
    {1 << 18, sizeof(wire::StackRecord)},
    {1 << 22, sizeof(uint64_t)},
    {1 << 16, sizeof(wire::LockChainRecord)},
    {32 << 20, 1},
    {4096, sizeof(wire::MisuseRecord)},
    {4096, sizeof(wire::ModuleRecord)},
    {4 << 20, 1},
    {256, sizeof(wire::GapRecord)},
    {32768, sizeof(wire::SnapshotTask)},
    {1 << 20, sizeof(wire::GoroutineState)},
    {1 << 16, sizeof(wire::CreationRecord)},
    {1 << 17, sizeof(wire::LifeRecord)},
    {1 << 15, sizeof(wire::HeldLock)},
    {1 << 18, sizeof(wire::CaseRecord)},
    {1 << 17, sizeof(wire::UseRecord)},
    {16 << 20, 1},
    {4096, sizeof(wire::ReportTask)},
    {1 << 22, sizeof(wire::ReachRecord)},
    {1 << 16, sizeof(wire::WaitTotal)},
    {1 << 10, sizeof(trace::TraceSlot)},
    {1 << 10, trace::kTraceChunkBytes},
};

struct PrivateBlock {
  void* start;
  size_t bytes;
};

size_t mapped_bytes = 0;
unsigned least_shift =
    0;  // private tables are as large as the first box asked for, so later ones are not larger
char box_path[4096];
uint64_t populated[kRegions];  // bytes of each region that can be written
SpinLock grow_lock;
PrivateBlock private_blocks[16];
size_t private_count = 0;

uint64_t RoundUp(uint64_t value, uint64_t to) { return (value + to - 1) / to * to; }

// Lays the regions out behind the header and returns the size of the file. Each `shift` halves them.
uint64_t PlanRegions(Region* regions, unsigned shift) {
  uint64_t offset = RoundUp(sizeof(wire::BlackBoxHeader), kPage);
  for (size_t i = 0; i < kRegions; ++i) {
    regions[i] = {};
    regions[i].offset = offset;
    const uint64_t capacity = kPlan[i].capacity >> shift;
    regions[i].capacity = capacity < kLeastCapacity ? kLeastCapacity : capacity;
    regions[i].record_bytes = kPlan[i].record_bytes;
    offset += RoundUp(regions[i].capacity * kPlan[i].record_bytes, kPage);
  }
  return offset;
}

bool Populate(char* start, size_t bytes) {
  long result =
      RawCall(SYS_madvise, reinterpret_cast<long>(start), static_cast<long>(bytes), MADV_POPULATE_WRITE);
  return result == 0;
}

// Kernels before 5.14 have no MADV_POPULATE_WRITE; there the file is allocated whole while it is open.
bool KernelCanPopulate(char* start) { return Populate(start, kPage); }

const char* WhyNotOpened(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
    case EROFS:
      return "the session directory cannot be written";
    case EMFILE:
    case ENFILE:
      return "no file descriptor is left for its black box";
    case ENOSPC:
    case EDQUOT:
      return "the file system of the session directory is full";
    default:
      return "its black box cannot be created";
  }
}

char* MapFile(int fd, uint64_t bytes) {
  long address = RawCall(SYS_mmap, 0, static_cast<long>(bytes), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return address < 0 && address > -4096 ? nullptr : reinterpret_cast<char*>(address);
}

}  // namespace

char* Box::base_ = nullptr;
wire::BlackBoxHeader* Box::parent_ = nullptr;

const char* Box::Create(const char* directory) {
  const RaisedLimit descriptors(RLIMIT_NOFILE);
  const RaisedLimit file_size(RLIMIT_FSIZE);
  SessionPath path(directory, wire::kBoxSuffix);
  const long fd = path.TryEach([](const char* name) {
    return static_cast<long>(RawOpen(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
  });
  if (fd < 0) return WhyNotOpened(static_cast<int>(-fd));
  strcpy(box_path, path.text());
  const char* why = MapAndPopulate(static_cast<int>(fd), file_size.Allowed());
  RawClose(static_cast<int>(fd));
  if (why != nullptr) {
    RawCall(SYS_unlinkat, AT_FDCWD, reinterpret_cast<long>(box_path), 0);
    return why;
  }
  wire::BlackBoxHeader* header = Header();
  PlanRegions(header->regions, least_shift);
  header->version = wire::kBlackBoxVersion;
  header->header_bytes = sizeof(wire::BlackBoxHeader);
  header->file_bytes = mapped_bytes;
  memcpy(header->magic, wire::kBlackBoxMagic, sizeof(header->magic));
  return nullptr;
}

const char* Box::MapAndPopulate(int fd, uint64_t most_bytes) {
  const uint64_t share = AddressSpaceShare();
  const uint64_t tables = private_count == 0 ? kTablesPerBox : 0;
  Region regions[kRegions];
  for (unsigned shift = least_shift; shift <= kMaxShift && base_ == nullptr; shift += 2) {
    const uint64_t bytes = PlanRegions(regions, shift);
    if (bytes > most_bytes || bytes * (1 + tables) > share) continue;
    if (RawCall(SYS_ftruncate, fd, static_cast<long>(bytes)) == 0) base_ = MapFile(fd, bytes);
    mapped_bytes = bytes;
    least_shift = shift;
  }
  if (base_ == nullptr) return "a resource limit leaves no room for its black box";
  uint64_t writable = 0;
  bool usable = true;
  if (!KernelCanPopulate(base_)) {
    usable = RawCall(SYS_fallocate, fd, 0, 0, static_cast<long>(mapped_bytes)) == 0;
    writable = UINT64_MAX;
  }
  for (uint64_t& region : populated) region = writable;
  if (!usable) {
    Unmap();
    return "the file system of the session directory is full";
  }
  RawCall(SYS_madvise, reinterpret_cast<long>(base_), static_cast<long>(mapped_bytes), MADV_DONTDUMP);
  return nullptr;
}

void Box::Unmap() {
  RawCall(SYS_munmap, reinterpret_cast<long>(base_), static_cast<long>(mapped_bytes));
  base_ = nullptr;
}

void Box::Discard() {
  if (base_ == nullptr) return;
  Unmap();
  RawCall(SYS_unlinkat, AT_FDCWD, reinterpret_cast<long>(box_path), 0);
}

void Box::Abandon() {
  if (base_ == nullptr) return;
  ForgetParent();
  parent_ = Header();
  RawCall(SYS_munmap, reinterpret_cast<long>(base_ + kPage), static_cast<long>(mapped_bytes - kPage));
  base_ = nullptr;
  grow_lock.Unlock();
}

void Box::CountInParent(wire::Loss loss) {
  if (parent_ == nullptr) return;
  __atomic_fetch_add(&parent_->losses[static_cast<size_t>(loss)], 1, __ATOMIC_RELAXED);
}

void Box::ForgetParent() {
  if (parent_ != nullptr) RawCall(SYS_munmap, reinterpret_cast<long>(parent_), kPage);
  parent_ = nullptr;
}

bool Box::Reserve(RegionId id, uint64_t count) {
  const size_t i = static_cast<size_t>(id);
  const Region& region = Header()->regions[i];
  if (count > region.capacity) return false;
  const uint64_t need = count * region.record_bytes;
  // Pairs with the release store below: who sees the new limit may write up to it.
  if (need <= __atomic_load_n(&populated[i], __ATOMIC_ACQUIRE)) return true;
  SpinGuard guard(grow_lock);
  if (need <= populated[i]) return true;
  const uint64_t from = populated[i];
  const uint64_t limit = RoundUp(region.capacity * region.record_bytes, kPage);
  uint64_t to = RoundUp(need, kGrowBytes);
  if (to > limit) to = limit;
  if (!Populate(base_ + region.offset + from, to - from)) {
    Count(wire::Loss::kSpace);
    return false;
  }
  __atomic_store_n(&populated[i], to, __ATOMIC_RELEASE);
  return true;
}

uint32_t Box::Append(RegionId id, uint32_t count) {
  Region& region = Header()->regions[static_cast<size_t>(id)];
  uint64_t first = __atomic_load_n(&region.used, __ATOMIC_RELAXED);
  do {
    if (!Reserve(id, first + count)) return 0;
  } while (!__atomic_compare_exchange_n(&region.used, &first, first + count, true, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED));
  return static_cast<uint32_t>(first + 1);
}

uint32_t Box::AddString(const char* text, size_t length) {
  if (length == 0) return 0;
  uint32_t index = Append(RegionId::kStrings, static_cast<uint32_t>(length + 1));
  if (index == 0) {
    Count(wire::Loss::kStrings);
    return 0;
  }
  memcpy(At<char>(RegionId::kStrings, index), text, length);
  return index;
}

uint32_t Box::AddString(const char* text) { return AddString(text, strlen(text)); }

const char* Box::String(uint32_t index) { return index == 0 ? "" : At<char>(RegionId::kStrings, index); }

uint64_t Box::AllocatePool(size_t bytes) {
  // The pool starts with 8 unused bytes, so that offset 0 can mean "none".
  Region& region = Header()->regions[static_cast<size_t>(RegionId::kPool)];
  if (__atomic_load_n(&region.used, __ATOMIC_RELAXED) == 0) {
    uint64_t none = 0;
    if (!Reserve(RegionId::kPool, 8)) return 0;
    __atomic_compare_exchange_n(&region.used, &none, 8, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
  }
  uint32_t index = Append(RegionId::kPool, static_cast<uint32_t>(RoundUp(bytes, 8)));
  return index == 0 ? 0 : index - 1;
}

void* PrivateAlloc(size_t bytes) {
  bytes = RoundUp(bytes, kPage);
  if (private_count == sizeof(private_blocks) / sizeof(private_blocks[0])) return nullptr;
  long address = RawCall(SYS_mmap, 0, static_cast<long>(bytes), PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (address < 0 && address > -4096) return nullptr;
  RawCall(SYS_madvise, address, static_cast<long>(bytes), MADV_NOHUGEPAGE);
  RawCall(SYS_madvise, address, static_cast<long>(bytes), MADV_DONTDUMP);
  private_blocks[private_count++] = {reinterpret_cast<void*>(address), bytes};
  return reinterpret_cast<void*>(address);
}

void PrivateRelease() {
  for (size_t i = 0; i < private_count; ++i) {
    RawCall(SYS_munmap, reinterpret_cast<long>(private_blocks[i].start),
            static_cast<long>(private_blocks[i].bytes));
  }
  private_count = 0;
}

bool PrivatePiece(size_t number, uint64_t* start, uint64_t* end) {
  if (number >= private_count) return false;
  *start = reinterpret_cast<uint64_t>(private_blocks[number].start);
  *end = *start + private_blocks[number].bytes;
  return true;
}

void PrivateReset() {
  for (size_t i = 0; i < private_count; ++i) {
    RawCall(SYS_madvise, reinterpret_cast<long>(private_blocks[i].start),
            static_cast<long>(private_blocks[i].bytes), MADV_DONTNEED);
  }
}

}  // namespace stray::agent
