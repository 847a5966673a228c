// SPDX-License-Identifier: Apache-2.0
// leak_cond_signal_before_wait.cc: a flag under the mutex remembers what was announced.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/cond.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>

static stray::Mutex mutex;
static stray::Cond ready(mutex);
static bool is_ready = false;

int main() {
  return stray::Main([] {
    stray::WaitGroup all;
    all.Go("signaller", [] {
      std::lock_guard guard(mutex);
      is_ready = true;
      ready.Signal();
    });
    all.Go("waiter", [] {
      std::lock_guard guard(mutex);
      ready.Wait([] { return is_ready; });
    });
    all.Wait();
  });
}
