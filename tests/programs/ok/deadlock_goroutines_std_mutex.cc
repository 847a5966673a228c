// SPDX-License-Identifier: Apache-2.0
// deadlock_goroutines_std_mutex.cc: both take the mutexes in the same order.
//
// link: runtime
// modes: gcc-O0 gcc-O2
#include <stray/go.h>
#include <stray/wait_group.h>

#include <mutex>

static std::mutex a, b;

int main() {
  stray::SetMaxProcs(3);
  return stray::Main([] {
    stray::WaitGroup done;
    for (int i = 0; i < 4; ++i) {
      done.Go([] {
        for (int j = 0; j < 1000; ++j) {
          std::lock_guard outer(a);
          std::lock_guard inner(b);
        }
      });
    }
    done.Wait();
  });
}
