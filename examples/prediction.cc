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

using namespace std::chrono_literals;

int last_printed;
static stray::Mutex log_mutex;
static int lines;

static void Log(const char* text) {
  const std::lock_guard<stray::Mutex> lock(log_mutex);
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
  return stray::Main([] {
    stray::WaitGroup printed, transferred;
    printed.Go([] { Print(1, "page 1"); });
    printed.Go([] {
      stray::Sleep(50ms);
      { const std::lock_guard<stray::Mutex> lock(log_mutex); }
      Print(2, nullptr);
    });
    printed.Wait();
    transferred.Go([] { Transfer(checking, savings, 10); });
    stray::Sleep(50ms);
    transferred.Go([] { Transfer(savings, checking, 20); });
    transferred.Wait();
    std::printf("page %d, %d and %d\n", last_printed, checking.balance, savings.balance);
  });
}
