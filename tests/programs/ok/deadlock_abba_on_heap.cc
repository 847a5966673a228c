// SPDX-License-Identifier: Apache-2.0
// deadlock_abba_on_heap.cc: both take them in the same order, and the last one gives them back.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --prove
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>

int main() {
  return stray::Main([] {
    auto* a = new stray::Mutex;
    auto* b = new stray::Mutex;
    stray::WaitGroup done;
    for (int i = 0; i < 2; ++i) {
      done.Go([=] {
        std::lock_guard first(*a);
        stray::Yield();
        std::lock_guard second(*b);
      });
    }
    done.Wait();
    delete a;
    delete b;
  });
}
