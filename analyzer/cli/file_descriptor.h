// SPDX-License-Identifier: Apache-2.0
// file_descriptor.h: a descriptor that is closed when its owner goes away.
#ifndef STRAY_ANALYZER_CLI_FILE_DESCRIPTOR_H_
#define STRAY_ANALYZER_CLI_FILE_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace stray::analyzer {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() { Close(); }

  int get() const { return fd_; }
  bool IsOpen() const { return fd_ >= 0; }
  // Gives it away.
  int Release() { return std::exchange(fd_, -1); }
  void Close() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_FILE_DESCRIPTOR_H_
