// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/thread_count.h"

#include <limits.h>
#include <sys/stat.h>

#include "instrumentation/tsan/fibers.h"

namespace stray::runtime {

int CountThreads() {
  // A folder has a link for itself, one from its parent, and one for each folder inside.
  struct stat folder = {};
  if (stat("/proc/self/task", &folder) != 0) return INT_MAX;
  return static_cast<int>(folder.st_nlink) - 2 - (tsan::HasTsan() && !tsan::IsRecorder() ? 1 : 0);
}

}  // namespace stray::runtime
