// SPDX-License-Identifier: Apache-2.0
// timed_waits.cc: every wait with a time limit runs into it.
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <future>
#include <mutex>
#include <semaphore>
#include <thread>

using namespace std::chrono_literals;

int main() {
  std::mutex mutex;
  std::timed_mutex timed_mutex;
  std::condition_variable condition;
  std::condition_variable_any any;
  std::promise<int> promise;
  std::future<int> future = promise.get_future();
  std::counting_semaphore<> semaphore(0);
  int timeouts = 0;
  std::unique_lock<std::mutex> lock(mutex);
  timeouts += condition.wait_for(lock, 1ms) == std::cv_status::timeout;
  timeouts += condition.wait_until(lock, std::chrono::system_clock::now() + 1ms) == std::cv_status::timeout;
  timeouts += any.wait_for(lock, 1ms) == std::cv_status::timeout;
  timeouts += future.wait_for(1ms) == std::future_status::timeout;
  timeouts += !semaphore.try_acquire_for(1ms);
  timed_mutex.lock();
  std::thread([&] { timeouts += !timed_mutex.try_lock_for(1ms); }).join();
  timed_mutex.unlock();
  std::this_thread::sleep_for(1ms);
  std::printf("%d\n", timeouts);
}
