// SPDX-License-Identifier: Apache-2.0
// config.cc: the whole configuration is one value that never changes; a new one takes its place at once.
//
// When: everybody reads it all the time, it changes rarely, and its fields belong together.
// Without: a field at a time lets a reader see half of the old and half of the new; a mutex around each read
// makes all readers wait for each other.
//
// prints: port 9000, limit 9000; every reader saw a whole one
#include <stray/stray.h>

#include <cstdio>
#include <memory>

struct Config {
  int port;
  int limit;  // always the same number, so that half of another one shows
};

int main() {
  return stray::Main([] {
    stray::Atomic<std::shared_ptr<const Config>> config(std::make_shared<const Config>(Config{8000, 8000}));
    auto stop = stray::MakeChan<stray::Unit>();
    stray::Atomic<bool> torn = false;
    stray::WaitGroup readers;
    for (int i = 0; i < 4; ++i) {
      readers.Go("reader", [&, stop] {
        do {
          const auto now = config.Load();  // lives for as long as it is used, whatever comes next
          if (now->port != now->limit) torn.Store(true);
        } while (stray::Select(stray::OnRecv(stop), stray::OnDefault([] { stray::Yield(); })) != 0);
      });
    }
    for (int port = 8001; port <= 9000; ++port)
      config.Store(std::make_shared<const Config>(Config{port, port}));
    stop.Close();
    readers.Wait();
    const auto last = config.Load();
    std::printf("port %d, limit %d; every reader saw a %s one\n", last->port, last->limit,
                torn.Load() ? "torn" : "whole");
  });
}
