// SPDX-License-Identifier: Apache-2.0
// misuse_rw_mutex_unlock_of_reader.cc: a shared_lock leaves as it came.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/mutex.h>

#include <mutex>
#include <shared_mutex>

static stray::RWMutex table;

int main() {
  return stray::Main([] {
    { std::shared_lock guard(table); }
    { std::lock_guard guard(table); }
  });
}
