// SPDX-License-Identifier: Apache-2.0
// race_order_pool.cc: a Put comes before the Get that returns what was put, and before the end of the pool.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/pool.h>
#include <stray/wait_group.h>

#include <memory>
#include <string>

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    stray::Pool<std::unique_ptr<std::string>> pool([] { return std::make_unique<std::string>(); });
    stray::WaitGroup all;
    for (int i = 0; i < 6; ++i) {
      all.Go([&pool] {
        for (int j = 0; j < 100; ++j) {
          auto text = pool.Get();
          *text += "some more text than there was";
          if (text->size() > 1000) text->clear();
          pool.Put(std::move(text));
          if (j % 8 == 0) stray::Yield();
        }
      });
    }
    all.Wait();
  });
}
