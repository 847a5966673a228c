// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/shared_memory.h"

#include <fcntl.h>

#include "agent/base/raw.h"

namespace stray::agent {

// "7f0000000000-7f0000021000 rw-s ..."; anything else is ignored.
void SharedRanges::AddLine(const char* line) {
  const uint64_t start = ParseHex(&line);
  if (*line++ != '-') return;
  const uint64_t end = ParseHex(&line);
  if (line[0] != ' ' || line[1] == '\0' || line[2] == '\0' || line[3] == '\0' || line[4] != 's') return;
  if (count_ == kMost) {
    complete_ = false;
  } else {
    ranges_[count_++] = {start, end};
  }
}

void SharedRanges::Load() {
  count_ = 0;
  const int fd = RawOpen("/proc/self/maps", O_RDONLY);
  complete_ = fd >= 0;
  if (fd < 0) return;
  char text[512];
  char line[48];  // the beginning of the current line is all that is needed
  size_t used = 0;
  bool at_end = false;
  while (!at_end) {
    const long bytes = RawCall(SYS_read, fd, reinterpret_cast<long>(text), sizeof(text));
    at_end = bytes <= 0;
    for (long i = 0; i < bytes; ++i) {
      if (text[i] == '\n') {
        line[used] = '\0';
        AddLine(line);
        used = 0;
      } else if (used < sizeof(line) - 1) {
        line[used++] = text[i];
      }
    }
  }
  RawClose(fd);
}

bool SharedRanges::Contains(uint64_t address) const {
  if (!complete_) return true;
  for (size_t i = 0; i < count_; ++i) {
    if (address >= ranges_[i].start && address < ranges_[i].end) return true;
  }
  return false;
}

}  // namespace stray::agent
