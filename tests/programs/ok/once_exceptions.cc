// SPDX-License-Identifier: Apache-2.0
// once_exceptions.cc: an initializer that throws leaves std::call_once open for the next one, also for a
// waiter.
#include <cstdio>
#include <mutex>
#include <stdexcept>
#include <thread>

static std::once_flag flag;
static int tries = 0;

static void Initialize() {
  if (++tries < 3) throw std::runtime_error("not yet");
}

static bool Try() {
  try {
    std::call_once(flag, Initialize);
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

int main() {
  bool first = Try();
  bool second = false;
  std::thread([&second] { second = Try(); }).join();
  bool third = Try();
  bool fourth = Try();
  std::printf("%d %d %d %d after %d tries\n", first, second, third, fourth, tries);
}
