// SPDX-License-Identifier: Apache-2.0
// rate_limit.cc: one tick, one request: a ticker spaces them out evenly.
//
// When: the other side allows so many requests per second, and bursts are not welcome.
// Without Stop: nothing is lost, it ends with the last who has it or its channel. With a sleep in the loop
// instead, the time that the request takes comes on top, and the rate is lower than allowed.
//
// prints: 5 requests took at least 10 ms
#include <stray/stray.h>

#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;

static void Request() {}

int main() {
  return stray::Main([] {
    const stray::Time start = stray::Time::clock::now();
    const stray::Ticker ticker = stray::NewTicker(2ms);
    for (int i = 0; i < 5; ++i) {
      ticker.C().Recv();
      Request();
    }
    ticker.Stop();
    // A tick that comes late does not delay the next one; so only the sum is sure.
    const bool slow_enough = stray::Time::clock::now() - start >= 10ms;
    std::printf("5 requests took %s 10 ms\n", slow_enough ? "at least" : "less than");
  });
}
