// SPDX-License-Identifier: Apache-2.0
// parked_goroutines.cc: N goroutines wait at a channel each of ten, while one more ticks; until standard input
// ends. Says "parked" when they all stand, and at the end by how much the ticking one was late at worst, in
// microseconds.
#include <stray/stray.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

namespace {

constexpr auto kTick = 1ms;
bool ticking = true;

// The longest time between two ticks, beyond the tick itself.
int64_t TickAndMeasure(stray::Chan<stray::Unit> armed) {
  int64_t worst_us = 0;
  bool is_armed = false;
  Clock::time_point last = Clock::now();
  while (ticking) {
    stray::Sleep(kTick);
    const Clock::time_point now = Clock::now();
    const int64_t late = std::chrono::duration_cast<std::chrono::microseconds>(now - last - kTick).count();
    if (is_armed && late > worst_us) worst_us = late;
    if (!is_armed && armed.TryRecv().has_value()) is_armed = true;
    last = Clock::now();
  }
  return worst_us;
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 100'000;
  return stray::Main([count] {
    std::vector<stray::Chan<int>> channels;
    for (int i = 0; i < 10; ++i) channels.push_back(stray::MakeChan<int>());
    auto armed = stray::MakeChan<stray::Unit>(1);
    auto worst = stray::MakeChan<int64_t>();
    stray::Go("ticker", [&] { worst.Send(TickAndMeasure(armed)); });
    for (int i = 0; i < count; ++i) {
      stray::Go([channel = channels[static_cast<size_t>(i) % channels.size()]] { channel.Recv(); });
      if (i % 1000 == 0) stray::Yield();
    }
    stray::Sleep(200ms);
    armed.Send({});
    std::printf("parked\n");
    std::fflush(stdout);
    char byte;
    stray::BlockingCall([&] {
      while (read(STDIN_FILENO, &byte, 1) > 0) {
      }
    });
    ticking = false;
    std::printf("%ld\n", static_cast<long>(*worst.Recv()));
    std::fflush(stdout);
    _exit(0);  // those that are parked are meant to be
  });
}
