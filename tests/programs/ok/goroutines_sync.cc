// SPDX-License-Identifier: Apache-2.0
// goroutines_sync.cc: channels, wait groups, mutexes, contexts, timers and selects together, used rightly.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan static-asan shared-asan
#include <stray/stray.h>

#include <cstdio>
#include <string>
#include <vector>

using namespace std::chrono_literals;

static size_t FanIn() {
  auto words = stray::MakeChan<std::string>(3);
  stray::WaitGroup senders;
  for (int sender = 0; sender < 8; ++sender) {
    senders.Go([words, sender] {
      for (int i = 0; i < 50; ++i) words.Send(std::to_string(sender * 1000 + i));
    });
  }
  stray::Go([&senders, words] {
    senders.Wait();
    words.Close();
  });
  std::vector<std::string> all;
  for (const std::string& word : words) all.push_back(word);
  return all.size();
}

static int CountUntilCancelled() {
  auto [context, cancel] = stray::WithCancel(stray::Background());
  stray::WaitGroup counters;
  stray::Mutex mutex;
  int count = 0;
  for (int i = 0; i < 8; ++i) {
    counters.Go([&mutex, &count, done = context.Done()] {
      for (int j = 0; j < 20; ++j) {
        mutex.Lock();
        ++count;
        mutex.Unlock();
        stray::Yield();
      }
      stray::Select(stray::OnRecv(done));
    });
  }
  cancel();
  counters.Wait();
  return count;
}

static void Later() {
  auto fired = stray::MakeChan<stray::Unit>();
  std::vector<int> order;
  auto timer = stray::AfterFunc(1ms, [&order, fired] {
    order.push_back(1);
    fired.Send({});
  });
  fired.Recv();
  order.push_back(2);
  stray::Select(stray::OnRecv(stray::After(100us)), stray::OnRecv(stray::Chan<int>()));
}

int main() {
  return stray::Main([] {
    std::printf("%zu\n", FanIn());
    std::printf("%d\n", CountUntilCancelled());
    Later();
  });
}
