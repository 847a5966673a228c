// SPDX-License-Identifier: Apache-2.0
// trace_ordered_in_every_way.cc: one variable, handed on by everything that orders threads.
//
// link: trace
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <latch>
#include <mutex>
#include <thread>

long value;
static std::atomic<int> published{0}, counted{0}, fenced{0};
static std::mutex mutex;
static std::condition_variable condition;
static bool is_ready;
static pthread_barrier_t barrier;
static std::once_flag once;
static int pipes[2];

static long Shared() {
  static const long once_made = ++value;
  return once_made;
}

// Runs `before` in a thread of its own and `after` in another one, which no join or start orders.
template <typename Before, typename After>
static void Hand(Before before, After after) {
  std::thread first([&] {
    ++value;
    before();
  });
  std::thread second([&] {
    after();
    ++value;
  });
  first.join();
  second.join();
}

int main() {
  Hand([] { published.store(1, std::memory_order_release); },
       [] {
         while (published.load(std::memory_order_acquire) == 0) std::this_thread::yield();
       });
  Hand([] { counted.fetch_add(1); },
       [] {
         int one = 1;
         while (!counted.compare_exchange_weak(one, 2)) one = 1;
       });
  Hand(
      [] {
        std::atomic_thread_fence(std::memory_order_release);
        fenced.store(1, std::memory_order_relaxed);
      },
      [] {
        while (fenced.load(std::memory_order_relaxed) == 0) std::this_thread::yield();
        std::atomic_thread_fence(std::memory_order_acquire);
      });
  Hand(
      [] {
        std::lock_guard<std::mutex> lock(mutex);
        is_ready = true;
        condition.notify_one();
      },
      [] {
        std::unique_lock<std::mutex> lock(mutex);
        condition.wait(lock, [] { return is_ready; });
      });
  pthread_barrier_init(&barrier, nullptr, 2);
  Hand([] { pthread_barrier_wait(&barrier); }, [] { pthread_barrier_wait(&barrier); });
  if (pipe(pipes) != 0) return 1;
  Hand([] { return static_cast<void>(write(pipes[1], "x", 1)); },
       [] {
         char byte;
         static_cast<void>(read(pipes[0], &byte, 1));
       });
  std::promise<int> promise;
  std::future<int> future = promise.get_future();
  Hand([&] { promise.set_value(1); }, [&] { future.get(); });
  std::latch latch(1);
  Hand([&] { latch.count_down(); }, [&] { latch.wait(); });
  std::thread users[3];
  for (std::thread& user : users) {
    user = std::thread([] {
      std::call_once(once, [] { ++value; });
      if (Shared() > value) abort();
    });
  }
  for (std::thread& user : users) user.join();
  return value > 16 ? 0 : 1;
}
