// SPDX-License-Identifier: Apache-2.0
// misuse_plain_map_concurrent.cc: two goroutines write to a map that is for one at a time.
//
//   first                        second
//   Update: begins, waits        Store        fatal error: concurrent map writes
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// exit: 2
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/map.h>

#include <string>

static stray::PlainMap<std::string, int> counts;

int main() {
  return stray::Main([] {
    auto begun = stray::MakeChan<stray::Unit>();
    auto never = stray::MakeChan<stray::Unit>();
    stray::Go("first", [=] {
      counts.Update("a", [&](int& count) {
        begun.Send({});
        never.Recv();
        ++count;
      });
    });
    begun.Recv();
    counts.Store("b", 1);  // want sync.misuse: concurrent map writes
  });
}
