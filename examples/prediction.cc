// SPDX-License-Identifier: Apache-2.0
// prediction.cc: a race and a deadlock that this run does not show. ThreadSanitizer finds nothing in it: the
// lock happens to order the two writes, and the two transfers happen one after the other. Any other day may be
// another one; a trace tells today:
//
//   stray run --trace -- ./prediction_trace
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/wait_group.h>

#include <chrono>
#include <cstdio>
#include <mutex>
#include <thread>

using namespace std::chrono_literals;

int last_printed;
static std::mutex log_mutex;
static int lines;

static void Log(const char* text) {
  const std::lock_guard<std::mutex> lock(log_mutex);
  lines += text[0] != '\0' ? 1 : 0;
}

static void Print(int page, const char* text) {
  last_printed = page;  // beside the lock, not under it
  if (text != nullptr) Log(text);
}

struct Account {
  stray::Mutex mutex;
  int balance = 100;
};
static Account checking, savings;

static void Transfer(Account& from, Account& to, int amount) {
  from.mutex.Lock();
  to.mutex.Lock();
  from.balance -= amount;
  to.balance += amount;
  to.mutex.Unlock();
  from.mutex.Unlock();
}

int main() {
  std::thread printer([] { Print(1, "page 1"); });
  std::thread late_printer([] {
    std::this_thread::sleep_for(50ms);
    { const std::lock_guard<std::mutex> lock(log_mutex); }
    Print(2, nullptr);
  });
  printer.join();
  late_printer.join();
  return stray::Main([] {
    stray::WaitGroup all;
    all.Go([] { Transfer(checking, savings, 10); });
    stray::Sleep(50ms);
    all.Go([] { Transfer(savings, checking, 20); });
    all.Wait();
    std::printf("page %d, %d and %d\n", last_printed, checking.balance, savings.balance);
  });
}
