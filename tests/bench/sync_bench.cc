// SPDX-License-Identifier: Apache-2.0
// sync_bench.cc: the operations whose cost under the agent is promised (docs/PERFORMANCE.md).
//
// A second thread is alive throughout: with only one, glibc takes locks without an atomic instruction, and no
// program that has locks to speak of runs so.
#include <benchmark/benchmark.h>

#include <condition_variable>
#include <mutex>
#include <shared_mutex>
#include <thread>

namespace {

std::mutex outer, inner;

void LockUnlock(benchmark::State& state) {
  for (auto _ : state) {
    outer.lock();
    outer.unlock();
  }
}
BENCHMARK(LockUnlock);

void TwoNestedLocks(benchmark::State& state) {
  for (auto _ : state) {
    outer.lock();
    inner.lock();
    inner.unlock();
    outer.unlock();
  }
}
BENCHMARK(TwoNestedLocks);

void SharedLockUnlock(benchmark::State& state) {
  static std::shared_mutex mutex;
  for (auto _ : state) {
    mutex.lock_shared();
    mutex.unlock_shared();
  }
}
BENCHMARK(SharedLockUnlock);

// One round trip: this thread hands the turn over and waits until it is back.
void ConditionPingPong(benchmark::State& state) {
  std::mutex mutex;
  std::condition_variable changed;
  enum { kHere, kThere, kStop } turn = kHere;
  std::thread other([&] {
    std::unique_lock<std::mutex> lock(mutex);
    for (;;) {
      changed.wait(lock, [&] { return turn != kHere; });
      if (turn == kStop) return;
      turn = kHere;
      changed.notify_one();
    }
  });
  for (auto _ : state) {
    std::unique_lock<std::mutex> lock(mutex);
    turn = kThere;
    changed.notify_one();
    changed.wait(lock, [&] { return turn == kHere; });
  }
  {
    std::lock_guard<std::mutex> lock(mutex);
    turn = kStop;
  }
  changed.notify_one();
  other.join();
}
BENCHMARK(ConditionPingPong)->UseRealTime();

void CreateJoin(benchmark::State& state) {
  for (auto _ : state) std::thread([] {}).join();
}
BENCHMARK(CreateJoin)->UseRealTime();

}  // namespace

int main(int argc, char** argv) {
  std::mutex mutex;
  std::condition_variable changed;
  bool stop = false;
  std::thread bystander([&] {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return stop; });
  });
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  {
    std::lock_guard<std::mutex> lock(mutex);
    stop = true;
  }
  changed.notify_one();
  bystander.join();
  return 0;
}
