// SPDX-License-Identifier: Apache-2.0
// race_rows.cc: what operations cost in a program that is built for data races, alone or under stray; and what
// ThreadSanitizer's own switch of fibers costs in it, to which ours is compared.
#include <sanitizer/tsan_interface.h>
#include <stray/stray.h>

#include "rows.h"

namespace {

constexpr int kSwitches = 300'000, kFewerTrips = 30'000, kFewerValues = 100'000, kFewerSpawns = 1'000;
constexpr int kFewerLocks = 300'000;

void SwitchFibers() {
  void* here = __tsan_get_current_fiber();
  void* there = __tsan_create_fiber(0);
  for (int i = 0; i < kSwitches / 2; ++i) {
    __tsan_switch_to_fiber(there, __tsan_switch_to_fiber_no_sync);
    __tsan_switch_to_fiber(here, __tsan_switch_to_fiber_no_sync);
  }
  __tsan_destroy_fiber(there);
}

void YieldToEachOther() {
  stray::WaitGroup both;
  for (int side = 0; side < 2; ++side) {
    both.Go([] {
      for (int i = 0; i < kSwitches / 2; ++i) stray::Yield();
    });
  }
  both.Wait();
}

void PingPong() {
  auto there = stray::MakeChan<int>();
  auto back = stray::MakeChan<int>();
  stray::Go([=] {
    for (int value : there) back.Send(value);
    back.Close();
  });
  for (int i = 0; i < kFewerTrips; ++i) {
    there.Send(i);
    back.Recv();
  }
  there.Close();
  back.Recv();
}

void Buffered() {
  auto channel = stray::MakeChan<int>(bench::kBuffer);
  stray::Go([=] {
    for (int i = 0; i < kFewerValues; ++i) channel.Send(i);
    channel.Close();
  });
  for (int value : channel) static_cast<void>(value);
}

void SpawnAndJoin() {
  for (int i = 0; i < kFewerSpawns; ++i) {
    stray::WaitGroup one;
    one.Go([] {});
    one.Wait();
  }
}

void LockAndUnlock() {
  stray::Mutex mutex;
  for (int i = 0; i < kFewerLocks; ++i) {
    mutex.Lock();
    mutex.Unlock();
  }
}

}  // namespace

int main(int argc, char** argv) {
  bench::Wanted().assign(argv + 1, argv + argc);
  return stray::Main([] {
    stray::SetMaxProcs(1);
    bench::Row("fiber_switch", kSwitches, SwitchFibers);
    bench::Row("yield", kSwitches, YieldToEachOther);
    bench::Row("ping_pong", kFewerTrips, PingPong);
    bench::Row("buffered", kFewerValues, Buffered);
    bench::Row("spawn_join", kFewerSpawns, SpawnAndJoin);
    bench::Row("mutex", kFewerLocks, LockAndUnlock);
  });
}
