// SPDX-License-Identifier: Apache-2.0
// deadlock_lock_across_channel.cc: the value is made under the mutex, and sent after it.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan static-asan shared-asan
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <mutex>

static stray::Mutex mutex;
static int next = 0;

static int Next() {
  std::lock_guard guard(mutex);
  return ++next;
}

int main() {
  return stray::Main([] {
    auto values = stray::MakeChan<int>();
    stray::WaitGroup all;
    all.Go("producer", [values] { values.Send(Next()); });
    all.Go("consumer", [values] {
      values.Recv();
      Next();
    });
    all.Wait();
  });
}
