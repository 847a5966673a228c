// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/session_owner.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/base/raw.h"

namespace stray::agent {
namespace {

// Of /proc/self/ns/pid; 0: it cannot be read.
uint64_t PidNamespace() {
  struct stat info = {};
  const long result = RawCall(SYS_newfstatat, AT_FDCWD, reinterpret_cast<long>("/proc/self/ns/pid"),
                              reinterpret_cast<long>(&info), 0);
  return result == 0 ? info.st_ino : 0;
}

}  // namespace

bool IsSessionOver(const char* directory) {
  const char* slash = strrchr(directory, '/');
  const char* at = slash == nullptr ? directory : slash + 1;
  constexpr char kPrefix[] = "run-";  // run-PID-START-NAMESPACE-RANDOM
  if (strncmp(at, kPrefix, strlen(kPrefix)) != 0) return false;
  uint64_t numbers[3] = {};
  at += strlen(kPrefix);
  for (uint64_t& number : numbers) {
    number = ParseUnsigned(&at);
    if (number == 0 || *at != '-') return false;
    ++at;
  }
  const auto [pid, start, pid_namespace] = numbers;
  return pid_namespace == PidNamespace() && RawCall(SYS_kill, static_cast<long>(pid), 0) == -ESRCH;
}

}  // namespace stray::agent
