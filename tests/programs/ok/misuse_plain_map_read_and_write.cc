// SPDX-License-Identifier: Apache-2.0
// misuse_plain_map_read_and_write.cc: readers share a lock, the writer has it alone.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/map.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>
#include <shared_mutex>
#include <string>

static stray::RWMutex mutex;
static stray::PlainMap<std::string, int> counts;

int main() {
  return stray::Main([] {
    stray::WaitGroup all;
    all.Go("writer", [] {
      std::lock_guard guard(mutex);
      counts.Store("a", 1);
    });
    for (int i = 0; i < 4; ++i) {
      all.Go("reader", [] {
        std::shared_lock guard(mutex);
        counts.Load("a");
      });
    }
    all.Wait();
  });
}
