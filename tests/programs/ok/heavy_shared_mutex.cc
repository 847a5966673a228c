// SPDX-License-Identifier: Apache-2.0
// heavy_shared_mutex.cc: readers and writers of a std::shared_mutex and a std::shared_timed_mutex, in every
// way.
#include <chrono>
#include <cstdio>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

static std::shared_mutex table_mutex;
static std::shared_timed_mutex timed_mutex;
static long written = 0, timed_written = 0;

static void Write() {
  for (int i = 0; i < 300; ++i) {
    {
      std::unique_lock<std::shared_mutex> lock(table_mutex);
      ++written;
    }
    if (timed_mutex.try_lock_for(10s)) {
      ++timed_written;
      timed_mutex.unlock();
    }
  }
}

static void Read() {
  long seen = 0;
  for (int i = 0; i < 300; ++i) {
    if (table_mutex.try_lock_shared()) {
      seen += written;
      table_mutex.unlock_shared();
    }
    std::shared_lock<std::shared_timed_mutex> lock(timed_mutex, 10s);
    if (lock) seen += timed_written;
  }
  if (seen < 0) throw seen;
}

int main() {
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back(Write);
      threads.emplace_back(Read);
    }
  }
  std::printf("%ld %ld\n", written, timed_written);
}
