// SPDX-License-Identifier: Apache-2.0
// lock_order_goroutines_ring3.cc: three goroutines, one after the other, each with a mutex and that of the
// next.
//
//   "0"            "1"            "2"
//   Lock 0, 1      .              .
//   .              Lock 1, 2      .
//   .              .              Lock 2, 0
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>
#include <string>

static stray::Mutex mutexes[3];

int main() {
  return stray::Main([] {
    stray::Chan<stray::Unit> turns[4];
    for (auto& turn : turns) turn = stray::MakeChan<stray::Unit>(1);
    stray::WaitGroup all;
    for (int i = 0; i < 3; ++i) {
      all.Go(std::to_string(i), [i, own = turns[i], next = turns[i + 1]] {
        own.Recv();
        {
          std::lock_guard outer(mutexes[i]);
          std::lock_guard inner(mutexes[(i + 1) % 3]);  // missed(#3) lock-order.cycle: .
        }
        next.Send({});
      });
    }
    turns[0].Send({});
    all.Wait();
  });
}
