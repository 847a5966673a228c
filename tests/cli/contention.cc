// SPDX-License-Identifier: Apache-2.0
// contention.cc: waits that end, for contention_test.py. Each line of its input is a request, handled at once;
// then it says "ok".
//
//   threads N      N times a thread waits for a mutex that main has locked in HoldLock(), and N times for a
//                  condition, each time for at least kLongWait
//   goroutines N   the same with goroutines, a stray::Mutex, and a channel
//   hold           the mutex is locked until the next request: one wait goes on
//   short N        N waits for a channel that take as long as a switch
//   sleep          only sleeps
#include <stray/stray.h>

#include <chrono>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>

#include "tests/support/order.h"

namespace {

constexpr auto kLongWait = std::chrono::milliseconds(20);

std::mutex door;
stray::Mutex gate;
volatile int g_sum;

// Functions that reports name: nothing of them may be inlined, or end in a call.
[[gnu::noinline]] void HoldLock() {
  door.lock();
  g_sum = g_sum + 1;
}

[[gnu::noinline]] void WaitForLock() {
  const std::lock_guard<std::mutex> lock(door);
  g_sum = g_sum + 1;
}

struct Signal {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_set = false;
};

[[gnu::noinline]] void WaitForSignal(Signal& signal) {
  std::unique_lock<std::mutex> lock(signal.mutex);
  signal.changed.wait(lock, [&] { return signal.is_set; });
  g_sum = g_sum + 1;
}

std::thread StartToWait(Sleeper& sleeper) {
  return std::thread([&sleeper] {
    AboutToSleep(&sleeper);
    WaitForLock();
  });
}

void WithThreads(int times) {
  for (int i = 0; i < times; ++i) {
    HoldLock();
    Sleeper for_lock = {};
    std::thread waiter = StartToWait(for_lock);
    AwaitAsleep(&for_lock);
    std::this_thread::sleep_for(kLongWait);
    door.unlock();
    waiter.join();

    Signal signal;
    Sleeper for_signal = {};
    std::thread listener([&] {
      AboutToSleep(&for_signal);
      WaitForSignal(signal);
    });
    AwaitAsleep(&for_signal);
    std::this_thread::sleep_for(kLongWait);
    {
      const std::lock_guard<std::mutex> lock(signal.mutex);
      signal.is_set = true;
    }
    signal.changed.notify_one();
    listener.join();
  }
}

[[gnu::noinline]] void HoldGate() {
  gate.Lock();
  g_sum = g_sum + 1;
}

[[gnu::noinline]] void WaitForGate() {
  gate.Lock();
  g_sum = g_sum + 1;
  gate.Unlock();
}

[[gnu::noinline]] void WaitForValue(const stray::Chan<int>& values) {
  values.Recv();
  g_sum = g_sum + 1;
}

void WithGoroutines(int times) {
  for (int i = 0; i < times; ++i) {
    stray::WaitGroup both;
    auto values = stray::MakeChan<int>(0);
    HoldGate();
    both.Go([] { WaitForGate(); });
    both.Go([values] { WaitForValue(values); });
    stray::Sleep(kLongWait);  // they run meanwhile, and then wait
    stray::Sleep(kLongWait);
    gate.Unlock();
    values.Send(1);
    both.Wait();
  }
}

void ShortWaits(int times) {
  auto there = stray::MakeChan<int>(0), back = stray::MakeChan<int>(0);
  stray::WaitGroup echo;
  echo.Go([=] {
    for (int i = 0; i < times; ++i) back.Send(*there.Recv());
  });
  for (int i = 0; i < times; ++i) {
    there.Send(i);
    WaitForValue(back);
  }
  echo.Wait();
}

int Main() {
  std::string line;
  std::thread held;
  std::cout << "started" << std::endl;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string word;
    int times = 0;
    words >> word >> times;
    if (held.joinable()) {
      door.unlock();
      held.join();
    }
    if (word == "threads") WithThreads(times);
    if (word == "goroutines") WithGoroutines(times);
    if (word == "short") ShortWaits(times);
    if (word == "sleep") std::this_thread::sleep_for(2 * kLongWait);
    if (word == "hold") {
      static Sleeper sleeper;
      sleeper = {};
      HoldLock();
      held = StartToWait(sleeper);
      AwaitAsleep(&sleeper);
    }
    std::cout << "ok" << std::endl;
  }
  if (held.joinable()) {
    door.unlock();
    held.join();
  }
  return 0;
}

}  // namespace

int main() { return stray::Main(Main); }
