// SPDX-License-Identifier: Apache-2.0
// goroutines.cc: what seeds_test.py runs. Says in which order it was asked to run.
#include <stdlib.h>
#include <stray/stray.h>

#include <cstdio>
#include <cstring>

namespace {

// Two look whether they are the last, each with the lock held, but count with the lock held again: interrupted
// in between, both think that the other one will close the channel.
void LeakInSomeOrders() {
  stray::Mutex mutex;
  int count = 0;
  stray::WaitGroup group;
  const auto done = stray::MakeChan<int>();
  stray::Go("waiter", [done] { done.Recv(); });
  for (int i = 0; i < 2; ++i) {
    group.Go([&, done] {
      mutex.Lock();
      const bool is_last = count == 1;
      mutex.Unlock();
      mutex.Lock();
      ++count;
      mutex.Unlock();
      if (is_last) done.Close();
    });
  }
  group.Wait();
}

}  // namespace

int main(int count, char** arguments) {
  const char* const order = getenv("STRAY_SCHED");
  std::printf("%s %s\n", arguments[count - 1], order == nullptr ? "as it comes" : order);
  std::fflush(stdout);
  return stray::Main([&] {
    if (std::strcmp(arguments[count - 1], "right") == 0) {
      stray::WaitGroup group;
      for (int i = 0; i < 3; ++i) group.Go([] { stray::Yield(); });
      group.Wait();
    } else {
      LeakInSomeOrders();
    }
  });
}
