// SPDX-License-Identifier: Apache-2.0
// goroutines_and_threads.cc: threads and goroutines talk over the same channels, with pthread locks beside
// them.
//
// link: runtime
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/mutex.h>
#include <stray/select.h>

#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

int main() {
  return stray::Main([] {
    auto numbers = stray::MakeChan<int>(4);
    auto sums = stray::MakeChan<long>();
    std::mutex plain;
    long total = 0;
    std::vector<std::thread> producers;
    for (int t = 0; t < 2; ++t) {
      producers.emplace_back([numbers] {
        for (int i = 0; i < 1000; ++i) numbers.Send(i);
      });
    }
    for (int g = 0; g < 4; ++g) {
      stray::Go("adder", [=, &plain, &total] {
        long sum = 0;
        for (int number : numbers) {
          sum += number;
          std::lock_guard lock(plain);
          total += number;
        }
        sums.Send(sum);
      });
    }
    stray::BlockingCall([&] {
      for (std::thread& producer : producers) producer.join();
    });
    numbers.Close();
    long sum = 0;
    for (int g = 0; g < 4; ++g) sum += *sums.Recv();
    std::printf("%ld %ld\n", sum, total);
  });
}
