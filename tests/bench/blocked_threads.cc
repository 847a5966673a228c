// SPDX-License-Identifier: Apache-2.0
// blocked_threads.cc: N threads, each ten frames deep, wait for ever; main ends. How long does the snapshot
// take?
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

namespace {

std::mutex mutex;
std::condition_variable changed;
int waiting = 0;

__attribute__((noinline)) void Descend(int levels) {
  if (levels > 0) {
    Descend(levels - 1);
    __asm__ volatile("");  // keeps the call from becoming a jump
    return;
  }
  std::unique_lock<std::mutex> lock(mutex);
  ++waiting;
  changed.notify_all();
  changed.wait(lock, [] { return false; });
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 2000;
  for (int i = 0; i < count; ++i) std::thread([] { Descend(10); }).detach();
  {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return waiting == count; });
  }
  _exit(0);  // a condition with waiters must not be destroyed
}
