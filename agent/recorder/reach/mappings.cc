// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/reach/mappings.h"

#include <fcntl.h>
#include <string.h>

#include "agent/base/raw.h"

namespace stray::agent {
namespace {

constexpr size_t kLine = 160;  // of a path, the beginning is enough

bool StartsWith(const char* text, const char* prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

// "7f0000000000-7f0000021000 rw-p 00000000 00:00 0    [heap]"
void AddLine(const char* line, Growing<Mapping>* out) {
  Mapping mapping = {};
  mapping.start = ParseHex(&line);
  if (*line++ != '-') return;
  mapping.end = ParseHex(&line);
  if (line[0] != ' ' || strlen(line) < 5) return;
  mapping.is_readable = line[1] == 'r';
  mapping.is_writable = mapping.is_readable && line[2] == 'w';
  mapping.is_shared = line[4] == 's';
  const char* name = line + strcspn(line, "/[");
  mapping.is_heap = StartsWith(name, "[heap]");
  mapping.is_stack = StartsWith(name, "[stack]");
  mapping.is_libc = strstr(name, "/libc.so") != nullptr || strstr(name, "/libc-2.") != nullptr;
  mapping.is_file = name[0] == '/';
  const bool is_memory = StartsWith(name, "/dev/shm/") || StartsWith(name, "/dev/zero") ||
                         StartsWith(name, "/memfd:") || StartsWith(name, "/SYSV");
  // The kernel's own pages, [vvar] and its like, are no memory of the program's either.
  mapping.is_device = (StartsWith(name, "/dev/") && !is_memory) || StartsWith(name, "[v");
  if (is_memory) mapping.is_file = false;
  out->Push(mapping);
}

}  // namespace

bool ReadMappings(Growing<Mapping>* out) {
  const int fd = RawOpen("/proc/self/maps", O_RDONLY);
  if (fd < 0) return false;
  char text[4096];
  char line[kLine];
  size_t used = 0;
  for (;;) {
    const long bytes = RawCall(SYS_read, fd, reinterpret_cast<long>(text), sizeof(text));
    if (bytes <= 0) break;
    for (long i = 0; i < bytes; ++i) {
      if (text[i] == '\n') {
        line[used] = '\0';
        AddLine(line, out);
        used = 0;
      } else if (used < kLine - 1) {
        line[used++] = text[i];
      }
    }
  }
  RawClose(fd);
  return !out->is_full && !out->empty();
}

uint64_t ReadStartOfHeap() {
  char text[1024] = {};
  if (ReadFile("/proc/self/stat", text, sizeof(text) - 1) <= 0) return 0;
  const char* at = strrchr(text, ')');  // the name before may hold anything
  constexpr int kName = 2, kStartBrk = 47;
  for (int field = kName; at != nullptr && field < kStartBrk; ++field) {
    at = strchr(at, ' ');
    if (at != nullptr) ++at;
  }
  return at == nullptr ? 0 : ParseUnsigned(&at);
}

bool HasGuard(const Growing<Mapping>& mappings, const Mapping& mapping) {
  const Mapping* below = FindMapping(mappings, mapping.start - 1);
  return below != nullptr && !below->is_readable;
}

Mapping* FindMapping(const Growing<Mapping>& mappings, uint64_t address) {
  size_t low = 0, high = mappings.size();
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (mappings[middle].end <= address) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == mappings.size() || address < mappings[low].start) return nullptr;
  return const_cast<Mapping*>(&mappings[low]);
}

}  // namespace stray::agent
