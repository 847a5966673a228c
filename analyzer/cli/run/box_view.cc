// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/box_view.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/cli/run/process_info.h"

namespace stray::analyzer {
namespace {

absl::Status CheckHeader(const box::BlackBoxHeader& header, const std::string& path) {
  if (std::memcmp(header.magic, box::kBlackBoxMagic, sizeof(header.magic)) != 0) {
    return absl::UnavailableError(absl::StrCat(path, ": no black box yet"));
  }
  if (LoadShared(header.version) != box::kBlackBoxVersion) {
    return absl::UnimplementedError(absl::StrCat(path, ": written by another version of stray (format ",
                                                 header.version, ", this one reads ", box::kBlackBoxVersion,
                                                 ")"));
  }
  return absl::OkStatus();
}

}  // namespace

FileDescriptor OpenBoxFile(const std::string& path, int flags) {
  // Entries of /proc/PID/map_files are links by nature, and lead to what the kernel says.
  const int no_follow = absl::StartsWith(path, "/proc/") ? 0 : O_NOFOLLOW;
  return FileDescriptor(open(path.c_str(), flags | no_follow | O_CLOEXEC | O_NONBLOCK));
}

absl::StatusOr<BoxView> BoxView::Open(const std::string& path) {
  const FileDescriptor fd = OpenBoxFile(path, O_RDONLY);
  struct stat info;
  if (!fd.IsOpen() || fstat(fd.get(), &info) != 0) return absl::ErrnoToStatus(errno, path);
  const size_t size = S_ISREG(info.st_mode) ? static_cast<size_t>(info.st_size) : 0;
  if (size < sizeof(box::BlackBoxHeader))
    return absl::UnavailableError(absl::StrCat(path, ": no black box yet"));
  void* memory = mmap(nullptr, size, PROT_READ, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) return absl::ErrnoToStatus(errno, path);
  BoxView view(path, absl::string_view(static_cast<const char*>(memory), size));
  absl::Status status = CheckHeader(view.header(), path);
  if (!status.ok()) return status;
  return view;
}

BoxView::~BoxView() {
  if (!bytes_.empty()) munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

bool BoxView::HasEnded() const {
  if (IsStarting()) return !ReadProcessStat(pid()).has_value();
  return !analyzer::IsAlive(pid(), header().process_start);
}

bool BoxView::IsAlive() const {
  return LoadShared(header().state) != static_cast<uint32_t>(box::ProcessState::kExec) && !HasEnded();
}

bool BoxView::IsBusy() const {
  const box::SnapshotHeader& snapshot = header().snapshot;
  return LoadShared(header().state) == static_cast<uint32_t>(box::ProcessState::kExiting) ||
         LoadShared(snapshot.begin_seq) != LoadShared(snapshot.end_seq);
}

absl::Span<const box::TaskRecord> BoxView::tasks() const {
  const box::Region& region = header().regions[static_cast<size_t>(box::RegionId::kTasks)];
  const uint64_t offset = region.offset;
  if (region.record_bytes != sizeof(box::TaskRecord) || offset > bytes_.size() ||
      offset % alignof(box::TaskRecord) != 0) {
    return {};
  }
  const uint64_t fitting = (bytes_.size() - offset) / sizeof(box::TaskRecord);
  const uint64_t used = std::min({LoadShared(region.used), region.capacity, fitting});
  return {reinterpret_cast<const box::TaskRecord*>(bytes_.data() + offset), used};
}

}  // namespace stray::analyzer
