// SPDX-License-Identifier: Apache-2.0
// leak_channel_in_global_map.cc: main looks into the map and answers.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
// flags: --prove
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/wait_group.h>

#include <map>

namespace {

auto& answers = *new std::map<int, stray::Chan<int>>;

}  // namespace

int main() {
  return stray::Main([] {
    stray::WaitGroup askers;
    for (int request = 0; request < 3; ++request) {
      auto answer = stray::MakeChan<int>();
      answers.emplace(request, answer);
      askers.Go([answer] { answer.Recv(); });
    }
    for (const auto& [request, answer] : answers) answer.Send(request);
    askers.Wait();
  });
}
