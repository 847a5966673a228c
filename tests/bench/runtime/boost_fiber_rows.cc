// SPDX-License-Identifier: Apache-2.0
// boost_fiber_rows.cc: the rows of rows.h with Boost.Fiber, except select, which it does not have.
// BENCH_THREADS threads steal work from each other. Stacks are small and come from malloc, which is what it is
// fastest with.
#include <stdlib.h>

#include <boost/fiber/all.hpp>
#include <cstdio>
#include <memory>
#include <thread>

#include "rows.h"

using namespace bench;
namespace fibers = boost::fibers;

namespace {

constexpr size_t kStack = 16 * 1024;

template <typename F>
fibers::fiber Start(F f) {
  return fibers::fiber(fibers::launch::post, std::allocator_arg, fibers::fixedsize_stack(kStack), std::move(f));
}

// Boost.Fiber has none.
class WaitGroup {
 public:
  explicit WaitGroup(int count) : missing_(count) {}
  void Done() {
    const std::unique_lock<fibers::mutex> lock(mutex_);
    if (--missing_ == 0) changed_.notify_all();
  }
  void Wait() {
    std::unique_lock<fibers::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return missing_ == 0; });
  }

 private:
  fibers::mutex mutex_;
  fibers::condition_variable changed_;
  int missing_;
};

void JoinAll(std::vector<fibers::fiber>& all) {
  for (fibers::fiber& fiber : all) fiber.join();
}

void YieldRow() {
  std::vector<fibers::fiber> all;
  for (int i = 0; i < kYielders; ++i) {
    all.push_back(Start([] {
      for (int j = 0; j < kYields; ++j) boost::this_fiber::yield();
    }));
  }
  JoinAll(all);
}

void SpawnJoin() {
  for (int i = 0; i < kSpawns; ++i) Start([] {}).join();
}

void SpawnBatches() {
  for (int i = 0; i < kBatches; ++i) {
    std::vector<fibers::fiber> all;
    all.reserve(kBatch);
    for (int j = 0; j < kBatch; ++j) all.push_back(Start([] {}));
    JoinAll(all);
  }
}

void FanOut() {
  WaitGroup done(kFanOut);
  for (int i = 0; i < kFanOut; ++i) Start([&done] { done.Done(); }).detach();
  done.Wait();
}

void PingPong() {
  fibers::unbuffered_channel<int> ping, pong;
  auto other = Start([&] {
    for (const int value : ping) pong.push(value);
    pong.close();
  });
  for (int i = 0; i < kRoundTrips; ++i) {
    ping.push(i);
    pong.value_pop();
  }
  ping.close();
  other.join();
}

void Buffered(int sides) {
  fibers::buffered_channel<int> values(kBuffer);
  std::vector<fibers::fiber> senders, receivers;
  for (int side = 0; side < sides; ++side) {
    receivers.push_back(Start([&] {
      long sum = 0;
      for (const int value : values) sum += value;
      asm volatile("" : : "r"(sum));
    }));
    senders.push_back(Start([&, sides] {
      for (int i = 0; i < kValues / sides; ++i) values.push(i);
    }));
  }
  JoinAll(senders);
  values.close();
  JoinAll(receivers);
}

void MutexUncontended() {
  fibers::mutex mutex;
  for (int i = 0; i < kLocks; ++i) {
    mutex.lock();
    mutex.unlock();
  }
}

void MutexYielding() {
  fibers::mutex mutex;
  std::vector<fibers::fiber> all;
  for (int i = 0; i < kLockers; ++i) {
    all.push_back(Start([&] {
      for (int j = 0; j < kLocksEach; ++j) {
        mutex.lock();
        boost::this_fiber::yield();
        mutex.unlock();
      }
    }));
  }
  JoinAll(all);
}

void Sieve() {
  using Channel = fibers::unbuffered_channel<int>;
  std::vector<std::unique_ptr<Channel>> channels;
  channels.push_back(std::make_unique<Channel>());
  std::vector<fibers::fiber> all;
  all.push_back(Start([numbers = channels.back().get()] {
    for (int i = 2; i <= kLastPrime; ++i) numbers->push(i);
    numbers->close();
  }));
  for (int i = 0; i < kPrimes; ++i) {
    Channel* numbers = channels.back().get();
    const int prime = numbers->value_pop();
    channels.push_back(std::make_unique<Channel>());
    all.push_back(Start([numbers, prime, next = channels.back().get()] {
      for (const int number : *numbers) {
        if (number % prime != 0) next->push(number);
      }
      next->close();
    }));
  }
  JoinAll(all);
}

void Skynet(fibers::unbuffered_channel<long>& result, long number, long size) {
  if (size == 1) {
    result.push(number);
    return;
  }
  fibers::unbuffered_channel<long> children;
  std::vector<fibers::fiber> all;
  for (long i = 0; i < 10; ++i) {
    all.push_back(
        Start([&children, number, size, i] { Skynet(children, number + i * (size / 10), size / 10); }));
  }
  long sum = 0;
  for (int i = 0; i < 10; ++i) sum += children.value_pop();
  JoinAll(all);
  result.push(sum);
}

void RunSkynet(long size) {
  fibers::unbuffered_channel<long> result;
  auto root = Start([&] { Skynet(result, 0, size); });
  if (result.value_pop() != size * (size - 1) / 2) abort();
  root.join();
}

void All() {
  Row("yield", kYielders * kYields, &YieldRow);
  Row("spawn_join", kSpawns, &SpawnJoin);
  Row("spawn_batches", kBatches * kBatch, &SpawnBatches);
  Row("fan_out", kFanOut, &FanOut);
  Row("ping_pong", kRoundTrips, &PingPong);
  Row("buffered_1", kValues, [] { Buffered(1); });
  Row("buffered_4", kValues, [] { Buffered(kSides); });
  Row("mutex", kLocks, &MutexUncontended);
  Row("mutex_yielding", kLockers * kLocksEach, &MutexYielding);
  Row("sieve", 1, &Sieve);
  Row("skynet_100k", 1, [] { RunSkynet(100'000); });
  // With a million it takes up to half a minute and is never near the best.
}

}  // namespace

int main(int count, char** arguments) {
  Wanted().assign(arguments + 1, arguments + count);
  const char* text = getenv("BENCH_THREADS");
  const uint32_t threads = text == nullptr ? 1 : static_cast<uint32_t>(atoi(text));
  if (threads > 1) {
    fibers::mutex mutex;
    fibers::condition_variable changed;
    bool done = false;
    std::vector<std::thread> others;
    for (uint32_t i = 1; i < threads; ++i) {
      others.emplace_back([&] {
        fibers::use_scheduling_algorithm<fibers::algo::work_stealing>(threads);
        std::unique_lock<fibers::mutex> lock(mutex);
        changed.wait(lock, [&done] { return done; });
      });
    }
    fibers::use_scheduling_algorithm<fibers::algo::work_stealing>(threads);
    All();
    {
      const std::unique_lock<fibers::mutex> lock(mutex);
      done = true;
    }
    changed.notify_all();
    for (std::thread& thread : others) thread.join();
  } else {
    All();
  }
}
