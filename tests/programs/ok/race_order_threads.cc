// SPDX-License-Identifier: Apache-2.0
// race_order_threads.cc: threads and goroutines in one program: channels, locks, wait groups and go statements
// order them as they do among goroutines, on all sides of a channel, and what main did before comes before
// those it starts.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/mutex.h>
#include <stray/select.h>
#include <stray/wait_group.h>

#include <mutex>
#include <string>
#include <thread>
#include <vector>

long shared;
static stray::Mutex mutex;

static void Work(const stray::Chan<std::string>& channel, bool sends) {
  for (int i = 0; i < 50; ++i) {
    if (sends) {
      stray::Select(stray::OnSend(channel, std::string("a text that is too long to be stored in place")));
    } else if (channel.Recv()->size() != 45) {
      stray::Panic("another text");
    }
    std::lock_guard guard(mutex);
    ++shared;
  }
}

int main() {
  for (size_t room : {0, 1, 3}) {
    const auto channel = stray::MakeChan<std::string>(room);
    stray::WaitGroup goroutines;
    std::vector<std::thread> threads;
    for (bool sends : {false, true}) {
      for (int i = 0; i < 2; ++i) {
        threads.emplace_back([=] { Work(channel, sends); });
        goroutines.Go([=] { Work(channel, sends); });
      }
    }
    goroutines.Wait();
    for (std::thread& thread : threads) thread.join();
  }
  return shared == 1200 ? 0 : 1;
}
