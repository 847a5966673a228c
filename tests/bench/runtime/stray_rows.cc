// SPDX-License-Identifier: Apache-2.0
// stray_rows.cc: the rows of rows.h with stray's runtime. `memory` prints what a parked goroutine costs.
#include <stray/channel.h>
#include <stray/go.h>
#include <stray/select.h>

#include <atomic>

#if __has_include(<stray/sync.h>)
#include <stray/sync.h>
#define HAS_SYNC 1
#endif

#include "rows.h"

using namespace bench;
using stray::Chan;
using stray::Go;
using stray::MakeChan;
using stray::OnRecv;
using stray::Unit;

namespace {

#if HAS_SYNC
using stray::WaitGroup;
#else
// The same by a countdown. Nothing is touched after the value is in the channel, so the waiter may go.
class WaitGroup {
 public:
  void Add(int count) { missing_ += count; }
  void Done() {
    if (--missing_ == 0) done_.Send({});
  }
  void Wait() { done_.Recv(); }

 private:
  std::atomic<int> missing_{0};
  Chan<Unit> done_ = MakeChan<Unit>(1);
};
#endif

void YieldRow() {
  WaitGroup done;
  done.Add(kYielders);
  for (int i = 0; i < kYielders; ++i) {
    Go([&done] {
      for (int j = 0; j < kYields; ++j) stray::Yield();
      done.Done();
    });
  }
  done.Wait();
}

void SpawnJoin() {
  for (int i = 0; i < kSpawns; ++i) {
    WaitGroup done;
    done.Add(1);
    Go([&done] { done.Done(); });
    done.Wait();
  }
}

void SpawnBatches() {
  for (int i = 0; i < kBatches; ++i) {
    WaitGroup done;
    done.Add(kBatch);
    for (int j = 0; j < kBatch; ++j) Go([&done] { done.Done(); });
    done.Wait();
  }
}

void FanOut() {
  WaitGroup done;
  done.Add(kFanOut);
  for (int i = 0; i < kFanOut; ++i) Go([&done] { done.Done(); });
  done.Wait();
}

void PingPong() {
  const auto ping = MakeChan<int>(), pong = MakeChan<int>();
  Go([=] {
    for (const int value : ping) pong.Send(value);
    pong.Close();
  });
  for (int i = 0; i < kRoundTrips; ++i) {
    ping.Send(i);
    pong.Recv();
  }
  ping.Close();
  pong.Recv();
}

void Buffered(int sides) {
  const auto values = MakeChan<int>(kBuffer);
  WaitGroup sent, received;
  sent.Add(sides);
  received.Add(sides);
  for (int side = 0; side < sides; ++side) {
    Go([=, &received] {
      long sum = 0;
      for (const int value : values) sum += value;
      asm volatile("" : : "r"(sum));
      received.Done();
    });
    Go([=, &sent] {
      for (int i = 0; i < kValues / sides; ++i) values.Send(i);
      sent.Done();
    });
  }
  sent.Wait();
  values.Close();
  received.Wait();
}

// One sends to each channel in turn, the other selects over all.
template <size_t kChannels, typename Receive>
void SelectRow(Receive receive) {
  std::array<Chan<int>, kChannels> channels;
  for (auto& channel : channels) channel = MakeChan<int>();
  Go([channels] {
    for (int i = 0; i < kSelects; ++i) channels[static_cast<size_t>(i) % kChannels].Send(i);
  });
  for (int i = 0; i < kSelects; ++i) receive(channels);
}

#if HAS_SYNC
void MutexUncontended() {
  stray::Mutex mutex;
  for (int i = 0; i < kLocks; ++i) {
    mutex.Lock();
    mutex.Unlock();
  }
}

void MutexYielding() {
  stray::Mutex mutex;
  WaitGroup done;
  done.Add(kLockers);
  for (int i = 0; i < kLockers; ++i) {
    Go([&] {
      for (int j = 0; j < kLocksEach; ++j) {
        mutex.Lock();
        stray::Yield();
        mutex.Unlock();
      }
      done.Done();
    });
  }
  done.Wait();
}
#endif

void Sieve() {
  auto numbers = MakeChan<int>();
  Go([=] {
    for (int i = 2; i <= kLastPrime; ++i) numbers.Send(i);
    numbers.Close();
  });
  for (int i = 0; i < kPrimes; ++i) {
    const int prime = *numbers.Recv();
    const auto next = MakeChan<int>();
    Go([=] {
      for (const int number : numbers) {
        if (number % prime != 0) next.Send(number);
      }
      next.Close();
    });
    numbers = next;
  }
  numbers.Recv();
}

void Skynet(Chan<long> result, long number, long size) {
  if (size == 1) return result.Send(number);
  const auto children = MakeChan<long>();
  for (long i = 0; i < 10; ++i) {
    Go([=] { Skynet(children, number + i * (size / 10), size / 10); });
  }
  long sum = 0;
  for (int i = 0; i < 10; ++i) sum += *children.Recv();
  result.Send(sum);
}

void RunSkynet(long size) {
  const auto result = MakeChan<long>();
  Go([=] { Skynet(result, 0, size); });
  if (*result.Recv() != size * (size - 1) / 2) stray::Panic("skynet: wrong sum");
}

void Memory() {
  const auto gate = MakeChan<Unit>(), ready = MakeChan<Unit>(kBuffer);
  const double before = ResidentBytes();
  for (int i = 0; i < kParked; ++i) {
    Go([=] {
      ready.Send({});
      gate.Recv();
    });
    ready.Recv();
  }
  printf("parked_bytes %.0f\n", (ResidentBytes() - before) / kParked);
}

void All() {
  Row("yield", kYielders * kYields, &YieldRow);
  Row("spawn_join", kSpawns, &SpawnJoin);
  Row("spawn_batches", kBatches * kBatch, &SpawnBatches);
  Row("fan_out", kFanOut, &FanOut);
  Row("ping_pong", kRoundTrips, &PingPong);
  Row("buffered_1", kValues, [] { Buffered(1); });
  Row("buffered_4", kValues, [] { Buffered(kSides); });
  Row("select_2", kSelects, [] { SelectRow<2>([](auto& c) { stray::Select(OnRecv(c[0]), OnRecv(c[1])); }); });
  Row("select_8", kSelects, [] {
    SelectRow<8>([](auto& c) {
      stray::Select(OnRecv(c[0]), OnRecv(c[1]), OnRecv(c[2]), OnRecv(c[3]), OnRecv(c[4]), OnRecv(c[5]),
                    OnRecv(c[6]), OnRecv(c[7]));
    });
  });
#if HAS_SYNC
  Row("mutex", kLocks, &MutexUncontended);
  Row("mutex_yielding", kLockers * kLocksEach, &MutexYielding);
#endif
  Row("sieve", 1, &Sieve);
  Row("skynet_100k", 1, [] { RunSkynet(100'000); });
  Row("skynet_1m", 1, [] { RunSkynet(1'000'000); });
}

}  // namespace

int main(int count, char** arguments) {
  Wanted().assign(arguments + 1, arguments + count);
  const bool memory = count == 2 && strcmp(arguments[1], "memory") == 0;
  return stray::Main([memory] { memory ? Memory() : All(); });
}
