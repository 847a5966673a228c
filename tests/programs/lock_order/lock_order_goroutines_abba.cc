// SPDX-License-Identifier: Apache-2.0
// lock_order_goroutines_abba.cc: two goroutines take two mutexes in opposite orders, one after the other.
//
//   first          second
//   Lock a, b      .
//   Unlock         Lock b, a
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>

static stray::Mutex a, b;

int main() {
  return stray::Main([] {
    auto first_is_done = stray::MakeChan<stray::Unit>();
    stray::WaitGroup both;
    both.Go("second", [=] {
      first_is_done.Recv();
      std::lock_guard outer(b);
      std::lock_guard inner(a);  // missed(#3) lock-order.cycle: .
    });
    both.Go("first", [=] {
      {
        std::lock_guard outer(a);
        std::lock_guard inner(b);
      }
      first_is_done.Close();
    });
    both.Wait();
  });
}
