// SPDX-License-Identifier: Apache-2.0
// deadlock_abba_in_live_object.cc: both take them in the same order.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --prove
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <cstdio>
#include <memory>
#include <mutex>
#include <string>

namespace {

struct Shop {
  stray::Mutex stock, books;
  std::string name = "corner";
};

}  // namespace

int main() {
  return stray::Main([] {
    const auto shop = std::make_shared<Shop>();
    stray::WaitGroup done;
    for (int i = 0; i < 2; ++i) {
      done.Go([=] {
        for (int j = 0; j < 100; ++j) {
          std::lock_guard first(shop->stock);
          stray::Yield();
          std::lock_guard second(shop->books);
        }
      });
    }
    done.Wait();
    std::printf("%s\n", shop->name.c_str());
  });
}
