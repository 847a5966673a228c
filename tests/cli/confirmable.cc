// SPDX-License-Identifier: Apache-2.0
// confirmable.cc: what confirm_test.py runs: bugs that some orders of goroutines show and others do not. Built
// for traces. The first argument says which.
#include <stray/stray.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "tests/support/order.h"

using namespace std::chrono_literals;

int balance;

namespace {

stray::Mutex a, b, c;
stray::RWMutex shared;
Gate gate;

void LockBoth(stray::Mutex& first, stray::Mutex& second) {
  first.Lock();
  second.Lock();
  second.Unlock();
  first.Unlock();
}

// Some of the goroutines stand still for ever then, or all.
void Deadlock() {
  stray::WaitGroup all;
  all.Go([] { LockBoth(a, b); });
  all.Go([] { LockBoth(b, a); });
  all.Wait();
}

void CircleOfThree() {
  stray::WaitGroup all;
  all.Go([] { LockBoth(a, b); });
  all.Go([] { LockBoth(b, c); });
  all.Go([] { LockBoth(c, a); });
  all.Wait();
}

void ReadersAndWriters() {
  stray::WaitGroup all;
  all.Go([] {
    a.Lock();
    shared.RLock();
    shared.RUnlock();
    a.Unlock();
  });
  all.Go([] {
    shared.Lock();
    a.Lock();
    a.Unlock();
    shared.Unlock();
  });
  all.Wait();
}

// Who receives takes the mutex before, under which is sent.
void DeadlockOfAChannel() {
  const auto values = stray::MakeChan<int>();
  stray::WaitGroup all;
  all.Go([&] {
    LockBoth(a, b);
    values.Recv();
  });
  all.Go([&] {
    const std::lock_guard guard(b);
    values.Send(1);
  });
  all.Wait();
}

// The one writes before its section, the other one behind its own.
void RaceBesideLock() {
  stray::WaitGroup all;
  all.Go([] {
    balance = 1;
    LockBoth(a, b);
  });
  all.Go([] {
    LockBoth(a, b);
    balance = 2;
  });
  all.Wait();
}

// Channels without room before it, goroutines of goroutines, and some that have nothing to do with it.
void RaceBehindChannels() {
  const auto start = stray::MakeChan<int>(), told = stray::MakeChan<int>();
  stray::WaitGroup all;
  for (int i = 0; i < 3; ++i) all.Go([] { LockBoth(c, b); });
  all.Go([&] {
    all.Go("early", [&] {
      told.Send(*start.Recv() + 1);
      balance = 1;
      LockBoth(a, b);
    });
    all.Go("late", [&] {
      start.Send(1);
      told.Recv();
      LockBoth(a, b);
      balance = 2;
    });
  });
  all.Wait();
}

// One waits by looking again and again; the way there takes some time.
void DeadlockAfterAWhile() {
  std::atomic<bool> is_ready{false};
  stray::WaitGroup all;
  all.Go([&] {
    while (!is_ready.load()) stray::Yield();
    LockBoth(a, b);
  });
  all.Go([&] {
    stray::Sleep(20ms);
    is_ready = true;
    stray::Sleep(5ms);
    LockBoth(b, a);
  });
  all.Wait();
}

void DeadlockBehindSelect() {
  const auto left = stray::MakeChan<int>(1), right = stray::MakeChan<int>(1);
  left.Send(1);
  right.Send(1);
  stray::WaitGroup all;
  all.Go([&] {
    bool is_left = false;
    stray::Select(stray::OnRecv(left, [&](std::optional<int>) { is_left = true; }),
                  stray::OnRecv(right, [](std::optional<int>) {}));
    if (is_left) LockBoth(a, b);
  });
  all.Go([] { LockBoth(b, a); });
  all.Wait();
}

// It goes on beside the deadlock, until it is told that it is over.
void DeadlockOfAService() {
  bool is_over[2] = {};
  stray::Mutex mutex;
  for (int i = 0; i < 2; ++i) {
    stray::Go([&, i] {
      i == 0 ? LockBoth(a, b) : LockBoth(b, a);
      const std::lock_guard guard(mutex);
      is_over[i] = true;
    });
  }
  for (;;) {
    stray::Sleep(1ms);
    const std::lock_guard guard(mutex);
    if (is_over[0] && is_over[1]) return;
  }
}

// Only what it reads makes it take the second lock.
void DeadlockByInput(const char* path) {
  std::string word = "no";
  if (FILE* file = std::fopen(path, "r"); file != nullptr) {
    char text[16] = {};
    if (std::fgets(text, sizeof(text), file) != nullptr) word = text;
    std::fclose(file);
  }
  if (word == "yes") return Deadlock();
  stray::WaitGroup all;
  all.Go([] { LockBoth(a, b); });
  if (word != "few") all.Go([] { LockBoth(a, b); });
  all.Wait();
}

// What keeps the two apart is nothing that stray could know of.
void DeadlockBehindAGate() {
  stray::WaitGroup all;
  all.Go([] {
    LockBoth(a, b);
    GateOpen(&gate);
  });
  all.Go([] {
    GateAwait(&gate);
    LockBoth(b, a);
  });
  all.Wait();
}

void DeadlockInOneStep() {
  static std::mutex first, second;
  stray::WaitGroup all;
  all.Go([] { const std::scoped_lock<std::mutex> one(first), two(second); });
  all.Go([] { const std::scoped_lock<std::mutex> one(second), two(first); });
  all.Wait();
}

void DeadlockOfThreads() {
  static std::mutex first, second;
  std::thread one([] {
    { const std::scoped_lock<std::mutex> mine(first), yours(second); }
    GateOpen(&gate);
  });
  std::thread other([] {
    GateAwait(&gate);
    const std::scoped_lock<std::mutex> mine(second), yours(first);
  });
  one.join();
  other.join();
}

}  // namespace

int main(int count, char** arguments) {
  const std::string what = count > 1 ? arguments[1] : "";
  const char* const path = count > 2 ? arguments[2] : "";
  const std::map<std::string, std::function<void()>> all = {
      {"deadlock", Deadlock},          {"three", CircleOfThree},
      {"readers", ReadersAndWriters},  {"send", DeadlockOfAChannel},
      {"race", RaceBesideLock},        {"channels", RaceBehindChannels},
      {"while", DeadlockAfterAWhile},  {"select", DeadlockBehindSelect},
      {"service", DeadlockOfAService}, {"input", [&] { DeadlockByInput(path); }},
      {"gate", DeadlockBehindAGate},   {"one-step", DeadlockInOneStep},
      {"threads", DeadlockOfThreads},
  };
  const auto found = all.find(what);
  if (found == all.end()) return 2;
  return stray::Main([&] { found->second(); });
}
