// SPDX-License-Identifier: Apache-2.0
// signal_channel.cc: a channel of Unit hands over the right to go on, from one goroutine to another.
//
// When: two goroutines take turns, or one has to reach a point before the other passes its own.
// Without: sleeping "long enough" is wrong on a slow day, and a condition needs a mutex and a flag.
//
// prints: ping pong ping pong ping pong
#include <stray/stray.h>

#include <cstdio>
#include <string>

using Turn = stray::Chan<stray::Unit>;

// Says its word each time it gets its turn, and passes the turn on. `said` belongs to whoever has the turn.
static void Say(const char* word, std::string& said, const Turn& turn, const Turn& next) {
  for (int i = 0; i < 3; ++i) {
    turn.Recv();
    said += said.empty() ? word : std::string(" ") + word;
    next.Send({});
  }
}

int main() {
  return stray::Main([] {
    // One turn is under way at any time: with room for it, the last one to play needs no receiver.
    auto ping = stray::MakeChan<stray::Unit>(1), pong = stray::MakeChan<stray::Unit>(1);
    std::string said;
    stray::WaitGroup players;
    players.Go("ping", [&, ping, pong] { Say("ping", said, ping, pong); });
    players.Go("pong", [&, ping, pong] { Say("pong", said, pong, ping); });
    ping.Send({});
    players.Wait();
    std::printf("%s\n", said.c_str());
  });
}
