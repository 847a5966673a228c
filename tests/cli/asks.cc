// SPDX-License-Identifier: Apache-2.0
// asks.cc: a program that asks stray/check.h what is proved of it, for check_leaks_test.py. Prints the answers.
//
//   asks thread|goroutine LEAK...     asks, leaves each LEAK behind, and asks again, from there
//   LEAK: forget (a goroutine nobody can wake), deadlock (two threads), pool (one that everybody could wake)
#include <stray/check.h>
#include <stray/stray.h>

#include <cstdio>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "tests/support/order.h"

namespace {

stray::Chan<int> door;
std::mutex first, second;
Gate has_first, has_second;

void Forget() {
  stray::Go([lost = stray::MakeChan<int>()] { lost.Recv(); });
}

void Deadlock() {
  const auto take = [](std::mutex& one, Gate& mine, std::mutex& other, Gate& theirs) {
    std::lock_guard<std::mutex> lock(one);
    GateOpen(&mine);
    GateAwait(&theirs);
    other.lock();
  };
  std::thread(take, std::ref(first), std::ref(has_first), std::ref(second), std::ref(has_second)).detach();
  std::thread(take, std::ref(second), std::ref(has_second), std::ref(first), std::ref(has_first)).detach();
}

void Leave(const std::string& leak) {
  if (leak == "forget") Forget();
  if (leak == "deadlock") Deadlock();
  if (leak == "pool") stray::Go([] { door.Recv(); });
}

// Until there are `expected`, if that many come.
void Ask(const char* when, size_t expected) {
  stray::LeakCheck check = stray::LeakCheck::kNoAnswer;
  std::vector<stray::Leak> leaks;
  for (int i = 0; i < 20; ++i) {
    leaks = stray::CheckLeaks(&check);
    if (check != stray::LeakCheck::kDone || (leaks.size() >= expected && expected != 0)) break;
  }
  constexpr const char* kStates[] = {"done", "not watched", "no answer"};
  std::printf("%s: %s\n", when, kStates[static_cast<int>(check)]);
  for (const stray::Leak& leak : leaks) std::printf("%s\n%s", leak.id.c_str(), leak.text.c_str());
  std::fflush(stdout);
}

void Run(int count, char** leaks) {
  Ask("before", 0);
  size_t expected = 0;
  for (int i = 0; i < count; ++i) {
    std::thread(Leave, std::string(leaks[i])).join();
    if (std::strcmp(leaks[i], "pool") != 0) ++expected;
  }
  Ask("after", expected);
}

}  // namespace

int main(int count, char** arguments) {
  const bool in_goroutine = count > 1 && std::strcmp(arguments[1], "goroutine") == 0;
  return stray::Main([&] {
    door = stray::MakeChan<int>();
    if (in_goroutine) {
      stray::WaitGroup group;
      group.Go([&] { Run(count - 2, arguments + 2); });
      group.Wait();
    } else {
      std::thread([&] { Run(count - 2, arguments + 2); }).join();
    }
  });
}
