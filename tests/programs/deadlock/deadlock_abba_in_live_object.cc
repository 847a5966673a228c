// SPDX-License-Identifier: Apache-2.0
// deadlock_abba_in_live_object.cc: two goroutines take two mutexes of one object in opposite orders, while main
// uses the object all along: whoever can reach a lock is not whoever can release it.
//
//   G "buyer"        G "auditor"      main
//   Lock stock       Lock books       reads shop->name
//   Lock books       Lock stock
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --prove --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>

#include <cstdio>
#include <memory>
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
    auto locked = stray::MakeChan<stray::Unit>();
    auto go_on = stray::MakeChan<stray::Unit>();
    stray::Go("buyer", [=] {
      shop->stock.Lock();
      locked.Send({});
      go_on.Recv();
      shop->books.Lock();  // want deadlock.cycle x1: goroutine "buyer" .*\[sync.Mutex.Lock\]
    });
    stray::Go("auditor", [=] {
      shop->books.Lock();
      locked.Send({});
      go_on.Recv();
      shop->stock.Lock();
    });
    locked.Recv();
    locked.Recv();
    go_on.Close();
    std::printf("%s\n", shop->name.c_str());
  });
}
