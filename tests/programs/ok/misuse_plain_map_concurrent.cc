// SPDX-License-Identifier: Apache-2.0
// misuse_plain_map_concurrent.cc: Map is for any number of goroutines, and a PlainMap under a mutex is, too.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/map.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>
#include <string>

static stray::Map<std::string, int> shared;
static stray::Mutex mutex;
static stray::PlainMap<std::string, int> counts;

int main() {
  return stray::Main([] {
    stray::WaitGroup writers;
    for (int i = 0; i < 8; ++i) {
      writers.Go([i] {
        shared.Store(std::to_string(i), i);
        std::lock_guard guard(mutex);
        counts.Update("a", [](int& count) { ++count; });
      });
    }
    writers.Wait();
  });
}
