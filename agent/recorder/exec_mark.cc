// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/exec_mark.h"

#include <alloca.h>
#include <fcntl.h>
#include <string.h>

#include "agent/base/raw.h"

namespace stray::agent {
namespace {

constexpr size_t kNameBytes = 32;     // "/" PID ".exec"
constexpr size_t kMostTarget = 4096;  // of a symbolic link, with its end

// SESSION/PID.exec; `out` has room for the session and kNameBytes.
void FormatName(const char* session, int pid, char* out) {
  const size_t length = strlen(session);
  memcpy(out, session, length);
  out[length] = '/';
  strcpy(out + length + 1 + FormatUnsigned(static_cast<uint64_t>(pid), out + length + 1), ".exec");
}

// The working directory and a slash in front of a path that is relative to it. Returns how long that is.
size_t FormatDirectory(const char* path, char* out, size_t size) {
  if (path[0] == '/' || strchr(path, '/') == nullptr) return 0;
  const long length = RawCall(SYS_readlinkat, AT_FDCWD, reinterpret_cast<long>("/proc/self/cwd"),
                              reinterpret_cast<long>(out), static_cast<long>(size));
  if (length <= 0 || static_cast<size_t>(length) >= size) return 0;
  out[length] = '/';
  return static_cast<size_t>(length) + 1;
}

}  // namespace

__attribute__((noinline)) void ExecMark::Leave(const char* session, int pid, const char* path,
                                               uint64_t time_ns) {
  const size_t path_bytes = strlen(path) + 1;
  const bool is_relative = path[0] != '/' && strchr(path, '/') != nullptr;
  const size_t room = 24 + path_bytes + (is_relative ? kMostTarget : 0);
  auto* target = static_cast<char*>(alloca(room));
  size_t used = FormatUnsigned(time_ns, target);
  target[used++] = '\n';
  used += FormatDirectory(path, target + used, room - used - path_bytes);
  memcpy(target + used, path, path_bytes);
  auto* name = static_cast<char*>(alloca(strlen(session) + kNameBytes));
  FormatName(session, pid, name);
  const auto make = [&] {
    return RawCall(SYS_symlinkat, reinterpret_cast<long>(target), AT_FDCWD, reinterpret_cast<long>(name));
  };
  // One of an earlier process of that number, or of the program that this one ran before.
  if (used + path_bytes <= kMostTarget && make() != 0) {
    RawCall(SYS_unlinkat, AT_FDCWD, reinterpret_cast<long>(name), 0);
    make();
  }
}

__attribute__((noinline)) void ExecMark::Remove(const char* session, int pid) {
  auto* name = static_cast<char*>(alloca(strlen(session) + kNameBytes));
  FormatName(session, pid, name);
  RawCall(SYS_unlinkat, AT_FDCWD, reinterpret_cast<long>(name), 0);
}

}  // namespace stray::agent
