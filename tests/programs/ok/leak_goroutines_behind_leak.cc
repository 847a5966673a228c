// SPDX-License-Identifier: Apache-2.0
// leak_goroutines_behind_leak.cc: the channel is closed, so the holder goes on, and with it all the others.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include "tests/support/parked.h"

int main() {
  return stray::Main([] {
    static stray::Mutex mutex;
    static int value = 0;
    auto news = stray::MakeChan<int>();
    stray::WaitGroup all;
    all.Go("holder", [news] {
      mutex.Lock();
      news.Recv();
      mutex.Unlock();
    });
    stray::AwaitParked(stray::WaitReason::kChanReceive, news.get());
    for (int i = 0; i < 30; ++i) {
      all.Go("reader", [] {
        mutex.Lock();
        ++value;
        mutex.Unlock();
      });
    }
    stray::AwaitParked(stray::WaitReason::kSyncMutexLock, &mutex, 30);
    news.Close();
    all.Wait();
  });
}
