// SPDX-License-Identifier: Apache-2.0
// misuse_plain_map_read_and_write.cc: one goroutine reads a map while another writes to it.
//
//   writer                       main
//   Update: begins, waits        Load        fatal error: concurrent map read and map write
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
    stray::Go("writer", [=] {
      counts.Update("a", [&](int& count) {
        begun.Send({});
        never.Recv();
        ++count;
      });
    });
    begun.Recv();
    counts.Load("a");  // want sync.misuse: concurrent map read and map write
  });
}
