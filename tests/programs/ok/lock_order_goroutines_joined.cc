// SPDX-License-Identifier: Apache-2.0
// lock_order_goroutines_joined.cc: each pair of locks is taken in both orders, but never at the same time: who
// takes them the other way round has waited for the first to be done with them, in each of the ways in which
// goroutines wait for each other, or is only created afterwards.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/stray.h>

#include <mutex>

namespace {

stray::Mutex locks[14];

void LockBoth(int first, int second) {
  std::lock_guard outer(locks[first]);
  std::lock_guard inner(locks[second]);
}

}  // namespace

int main() {
  return stray::Main([] {
    LockBoth(0, 1);
    stray::WaitGroup created;
    created.Go([] { LockBoth(1, 0); });
    created.Wait();

    stray::WaitGroup all;
    for (int i = 0; i < 3; ++i) all.Go([] { LockBoth(2, 3); });
    all.Wait();
    LockBoth(3, 2);

    auto unbuffered = stray::MakeChan<int>();
    stray::Go([=] {
      LockBoth(4, 5);
      unbuffered.Send(1);
    });
    unbuffered.Recv();
    LockBoth(5, 4);

    auto buffered = stray::MakeChan<int>(1);
    stray::Go([=] {
      LockBoth(6, 7);
      buffered.Send(1);
    });
    buffered.Recv();
    LockBoth(7, 6);

    auto closed = stray::MakeChan<int>();
    stray::Go([=] {
      LockBoth(8, 9);
      closed.Close();
    });
    closed.Recv();
    LockBoth(9, 8);

    auto selected = stray::MakeChan<int>();
    stray::Go([=] {
      LockBoth(10, 11);
      selected.Send(1);
    });
    stray::Select(stray::OnRecv(selected, [](std::optional<int>) {}),
                  stray::OnRecv(stray::MakeChan<int>(), [](std::optional<int>) {}));
    stray::WaitGroup later;
    later.Go([] { LockBoth(11, 10); });
    later.Wait();

    auto [context, cancel] = stray::WithCancel(stray::Background());
    stray::Go([cancel = cancel] {
      LockBoth(12, 13);
      cancel();
    });
    context.Done().Recv();
    LockBoth(13, 12);
  });
}
