// SPDX-License-Identifier: Apache-2.0
// record_rows.cc: what a trace of a program costs: the same program plain, for ThreadSanitizer, and for a
// trace. Nanoseconds for each operation:
//
//   mutex N     four threads count under one mutex
//   counter N   two threads count, each for itself
//   places N    two threads add to random places of 512 KiB each, their own: no access is like one before
//   channel N   two goroutines hand a counter to and fro
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/wait_group.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

static std::mutex mutex;
long counter;

static void Mutex(long times) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([times] {
      for (long k = 0; k < times / 4; ++k) {
        const std::lock_guard<std::mutex> lock(mutex);
        ++counter;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

static void Counter(long times) {
  struct alignas(64) Own {
    long count;
  };
  static Own own[2];
  std::vector<std::thread> threads;
  for (Own& mine : own) {
    threads.emplace_back([times, &mine] {
      for (long k = 0; k < times / 2; ++k) {
        ++mine.count;
        asm volatile("" ::: "memory");  // each time
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

static void Places(long times) {
  std::vector<std::vector<long>> places(2, std::vector<long>(1 << 16));
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([times, i, &places] {
      unsigned random = static_cast<unsigned>(i);
      long* const own = places[i].data();
      for (long k = 0; k < times / 2; ++k) {
        random = random * 1103515245 + 12345;
        own[random >> 16] += k;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

static void Channel(long times) {
  stray::Main([times] {
    auto there = stray::MakeChan<long>(), back = stray::MakeChan<long>();
    stray::WaitGroup all;
    all.Go([=] {
      for (long k = 0; k < times / 2; ++k) {
        ++counter;
        there.Send(k);
        back.Recv();
      }
    });
    all.Go([=] {
      for (long k = 0; k < times / 2; ++k) {
        there.Recv();
        ++counter;
        back.Send(k);
      }
    });
    all.Wait();
  });
}

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const long times = std::atol(argv[2]);
  const auto begin = std::chrono::steady_clock::now();
  if (std::strcmp(argv[1], "mutex") == 0) Mutex(times);
  if (std::strcmp(argv[1], "counter") == 0) Counter(times);
  if (std::strcmp(argv[1], "places") == 0) Places(times);
  if (std::strcmp(argv[1], "channel") == 0) Channel(times);
  const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - begin;
  std::printf("%s %g\n", argv[1], static_cast<double>(took.count()) / static_cast<double>(times));
}
