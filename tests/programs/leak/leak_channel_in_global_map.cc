// SPDX-License-Identifier: Apache-2.0
// leak_channel_in_global_map.cc: goroutines wait for answers on channels that lie in a global map, and nobody
// ever looks into it. While main lives it could; when main has ended nobody is left who could.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --prove --settle 50ms
#include <stray/channel.h>
#include <stray/go.h>

#include <map>

#include "tests/support/parked.h"

namespace {

auto& answers = *new std::map<int, stray::Chan<int>>;

}  // namespace

int main() {
  return stray::Main([] {
    for (int request = 0; request < 3; ++request) {
      auto answer = stray::MakeChan<int>();
      answers.emplace(request, answer);
      // want leak.blocked x3: \[chan receive\]
      stray::Go("asker", [answer] { answer.Recv(); });
      stray::AwaitParked(stray::WaitReason::kChanReceive, answer.get());
    }
  });
}
