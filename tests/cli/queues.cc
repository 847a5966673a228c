// SPDX-License-Identifier: Apache-2.0
// queues.cc: one bug for each argument. Built without and with optimization, and with lines that have moved;
// each bug must have the same signature in all of them, and another than all others (policy_test.py).
//
// Clients wait in the same function of the same queue, and were created by the same function. Where a
// line says "lines move here", the build that has moved lines has more of them.
#include <pthread.h>

#include <condition_variable>
#include <cstring>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "tests/support/order.h"

namespace shop {

template <typename T>
class Queue {
 public:
  T Pop() {
    // lines move here
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return !values_.empty(); });
    T value = values_.front();
    values_.pop_front();
    return value;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> values_;
};

// Never destroyed: somebody waits.
Queue<int>& g_orders = *new Queue<int>;
std::promise<int>& g_never = *new std::promise<int>;
std::mutex g_cart, g_ledger;
pthread_mutex_t g_stock = PTHREAD_MUTEX_INITIALIZER;
volatile int g_sum;

inline int Next(Queue<int>& queue) { return queue.Pop() + g_sum; }

void Buyer() {
  // lines move here
  g_sum = Next(g_orders);
}

void Seller() {
  g_sum = g_sum + Next(g_orders) + 1;
  // lines move here
}

void WaitForAnswer() {
  std::future<int> answer = g_never.get_future();
  g_sum = answer.get();
}

void Locks(std::mutex& first, std::mutex& second) {
  std::lock_guard<std::mutex> one(first);
  std::lock_guard<std::mutex> two(second);
  g_sum = g_sum + 1;
}

void CartThenLedger() {
  Locks(g_cart, g_ledger);
  g_sum = g_sum + 2;
}

void LedgerThenCart() {
  // lines move here
  Locks(g_ledger, g_cart);
  g_sum = g_sum + 3;
}

int UnlockStranger(pthread_mutex_t* mutex) {
  // lines move here
  return pthread_mutex_unlock(mutex) + g_sum;
}

int RelockSelf(pthread_mutex_t* mutex) {
  pthread_mutex_lock(mutex);
  // lines move here
  const int result = pthread_mutex_lock(mutex);
  return result + g_sum;
}

Sleeper g_waiter;

// A thread that waits at last, for ever.
void Start(void (*work)()) {
  std::thread([work] {
    AboutToSleep(&g_waiter);
    work();
  }).detach();
  AwaitAsleep(&g_waiter);
}

int Main(const char* bug) {
  if (std::strcmp(bug, "buyer") == 0) Start(Buyer);
  if (std::strcmp(bug, "seller") == 0) Start(Seller);
  if (std::strcmp(bug, "answer") == 0) Start(WaitForAnswer);
  if (std::strcmp(bug, "lambda") == 0) Start([] { g_sum = Next(g_orders) + 7; });
  if (std::strcmp(bug, "order") == 0) {
    // One after the other, which stray does not see.
    static Gate first_is_done;
    std::thread one([] {
      CartThenLedger();
      GateOpen(&first_is_done);
    });
    std::thread two([] {
      GateAwait(&first_is_done);
      LedgerThenCart();
    });
    one.join();
    two.join();
  }
  if (std::strcmp(bug, "unlock") == 0) {
    pthread_mutex_lock(&g_stock);
    std::thread([] { g_sum = UnlockStranger(&g_stock); }).join();
  }
  if (std::strcmp(bug, "self") == 0) g_sum = RelockSelf(&g_stock);
  return 0;
}

}  // namespace shop

int main(int argc, char** argv) { return argc == 2 ? shop::Main(argv[1]) : 2; }
