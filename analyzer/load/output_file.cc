// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"

namespace stray::analyzer {

OutputFile::~OutputFile() {
  if (fd_ >= 0) close(fd_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

absl::Status OutputFile::Failed(absl::string_view what) const {
  return absl::ErrnoToStatus(errno, absl::StrCat(path_, ": ", what));
}

absl::Status OutputFile::Open() {
  struct stat info;
  if (stat(path_.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    fd_ = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    return fd_ < 0 ? Failed("cannot open") : absl::OkStatus();
  }
  std::string name = absl::StrCat(path_, ".XXXXXX.stray.tmp");
  fd_ = mkostemps(name.data(), 10, O_CLOEXEC);  // mode 0600
  if (fd_ < 0) return Failed("cannot create");
  temporary_ = std::move(name);
  return absl::OkStatus();
}

absl::Status OutputFile::Append(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("cannot write");
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status OutputFile::Commit() {
  // Some file systems tell only now that the disk is full.
  if (close(std::exchange(fd_, -1)) != 0) return Failed("cannot write");
  if (temporary_.empty()) return absl::OkStatus();
  if (rename(temporary_.c_str(), path_.c_str()) != 0) return Failed("cannot create");
  temporary_.clear();
  return absl::OkStatus();
}

}  // namespace stray::analyzer
