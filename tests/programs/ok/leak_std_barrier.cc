// SPDX-License-Identifier: Apache-2.0
// leak_std_barrier.cc: all three visitors come, for ten phases.
#include <barrier>
#include <thread>

static std::barrier<> rendezvous(3);

static void Visit() {
  for (int phase = 0; phase < 10; ++phase) rendezvous.arrive_and_wait();
}

int main() {
  std::jthread first(Visit), second(Visit);
  Visit();
}
