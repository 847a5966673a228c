// SPDX-License-Identifier: Apache-2.0
// lock_order_goroutines_abba.cc: both take them at once, in an order that scoped_lock cares for.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>

static stray::Mutex a, b;

int main() {
  return stray::Main([] {
    stray::WaitGroup both;
    both.Go("first", [] { std::scoped_lock guard(a, b); });
    both.Go("second", [] { std::scoped_lock guard(b, a); });
    both.Wait();
  });
}
