// SPDX-License-Identifier: Apache-2.0
// parked_goroutines.cc: N goroutines wait at a channel each of ten, while one more ticks; until standard input
// ends. Says "parked" when they all stand, and at the end when the ticking one was late: a line each, from and
// to when it stood, in nanoseconds of the monotonic clock.
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
constexpr auto kLate = 200us;  // that much later is worth a line
bool ticking = true;

struct Stall {
  Clock::time_point from, to;
};

std::vector<Stall> TickAndMeasure() {
  std::vector<Stall> stalls;
  while (ticking) {
    const Clock::time_point due = Clock::now() + kTick;
    stray::Sleep(kTick);
    const Clock::time_point now = Clock::now();
    if (now - due > kLate) stalls.push_back({due, now});
  }
  return stalls;
}

long Nanoseconds(Clock::time_point time) { return static_cast<long>(time.time_since_epoch() / 1ns); }

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 100'000;
  return stray::Main([count] {
    std::vector<stray::Chan<int>> channels;
    for (int i = 0; i < 10; ++i) channels.push_back(stray::MakeChan<int>());
    auto stalls = stray::MakeChan<std::vector<Stall>>();
    stray::Go("ticker", [&] { stalls.Send(TickAndMeasure()); });
    for (int i = 0; i < count; ++i) {
      stray::Go([channel = channels[static_cast<size_t>(i) % channels.size()]] { channel.Recv(); });
      if (i % 1000 == 0) stray::Yield();
    }
    stray::Sleep(200ms);
    std::printf("parked\n");
    std::fflush(stdout);
    char byte;
    stray::BlockingCall([&] {
      while (read(STDIN_FILENO, &byte, 1) > 0) {
      }
    });
    ticking = false;
    const std::vector<Stall> all = *stalls.Recv();
    for (const Stall& stall : all) {
      std::printf("%ld %ld\n", Nanoseconds(stall.from), Nanoseconds(stall.to));
    }
    std::fflush(stdout);
    _exit(0);  // those that are parked are meant to be
  });
}
