// SPDX-License-Identifier: Apache-2.0
// race_goroutines.cc: two goroutines write to one variable, one after the other, as a channel orders them.
//
// link: runtime-race
// modes: static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/wait_group.h>

int answer;

int main() {
  return stray::Main([] {
    stray::SetMaxProcs(3);
    auto written = stray::MakeChan<stray::Unit>();
    stray::WaitGroup both;
    both.Go("first", [written] {
      answer = 1;
      written.Send({});
    });
    both.Go("second", [written] {
      written.Recv();
      answer = 2;
    });
    both.Wait();
  });
}
