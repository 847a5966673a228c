// SPDX-License-Identifier: Apache-2.0
// errgroup_fan_out.cc: parts of one job run side by side; the first that fails stops the others.
//
// When: the whole is of no use without each of its parts, and the caller wants the error that came first.
// Without the group's context: the others work on for nothing, and the caller waits for them.
//
// prints: shard 2 is down, 3 others stopped
#include <stray/stray.h>

#include <cstdio>
#include <string>

static stray::Error Ask(const stray::Context& context, int shard, stray::Atomic<int>& stopped) {
  if (shard == 2) return stray::Error("shard 2 is down");
  context.Done().Recv();  // the others take long
  stopped.Add(1);
  return context.Err();
}

int main() {
  return stray::Main([] {
    stray::Atomic<int> stopped = 0;
    stray::ErrGroup shards(stray::Background());
    for (int i = 0; i < 4; ++i) {
      shards.Go([&, i] { return Ask(shards.GetContext(), i, stopped); });
    }
    const stray::Error error = shards.Wait();  // joins all of them, also after an error
    std::printf("%s, %d others stopped\n", std::string(error.Text()).c_str(), stopped.Load());
  });
}
