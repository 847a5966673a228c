// SPDX-License-Identifier: Apache-2.0
// leak_chan_receive.cc: the producer closes the channel when it is done.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/go.h>

int main() {
  return stray::Main([] {
    auto jobs = stray::MakeChan<int>();
    stray::Go("consumer", [jobs] {
      int sum = 0;
      for (int job : jobs) sum += job;
    });
    for (int i = 0; i < 10; ++i) jobs.Send(i);
    jobs.Close();
  });
}
