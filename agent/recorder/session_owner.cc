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

uint64_t ProcessStart(uint64_t pid) {
  char path[64] = "/proc/self/stat";
  if (pid != 0) {
    const size_t digits = FormatUnsigned(pid, path + strlen("/proc/"));
    strcpy(path + strlen("/proc/") + digits, "/stat");
  }
  char text[1024] = {};
  if (ReadFile(path, text, sizeof(text) - 1) <= 0) return 0;
  const char* at = strrchr(text, ')');  // the name before may hold anything
  for (int field = 2; at != nullptr && field < 22; ++field) {
    at = strchr(at, ' ');
    if (at != nullptr) ++at;
  }
  return at == nullptr ? 0 : ParseUnsigned(&at);
}

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
  if (pid_namespace != PidNamespace()) return false;
  // Where /proc hides the processes of others this does not.
  if (RawCall(SYS_kill, static_cast<long>(pid), 0) == -ESRCH) return true;
  const uint64_t found = ProcessStart(pid);
  return found != 0 && found != start;
}

}  // namespace stray::agent
