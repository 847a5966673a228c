// SPDX-License-Identifier: Apache-2.0
// stray::Pool.
#include "stray/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>

#include "stray/wait_group.h"

namespace stray {
namespace {

TEST(PoolTest, GivesBackWhatWasPut) {
  int made = 0;
  Pool<std::unique_ptr<int>> pool([&] { return std::make_unique<int>(++made); });
  auto one = pool.Get();
  EXPECT_EQ(*one, 1);
  *one = 7;
  pool.Put(std::move(one));
  EXPECT_EQ(*pool.Get(), 7);  // nobody else is there to take it
  EXPECT_EQ(*pool.Get(), 2);
}

TEST(PoolTest, WithoutFunctionMakesEmptyValues) {
  Pool<std::string> pool;
  EXPECT_EQ(pool.Get(), "");
}

TEST(PoolTest, KeepsNotEverythingAndLosesNothingElse) {
  std::atomic<int> alive{0};
  struct Counted {
    explicit Counted(std::atomic<int>* count) : alive(count) { ++*alive; }
    Counted(Counted&& other) noexcept : alive(other.alive) { ++*alive; }
    ~Counted() { --*alive; }
    std::atomic<int>* alive;
  };
  {
    Pool<Counted> pool([&] { return Counted(&alive); });
    for (int i = 0; i < 1000; ++i) pool.Put(Counted(&alive));
    EXPECT_LE(alive.load(), static_cast<int>(Pool<Counted>::kMost) * 8);
    EXPECT_GT(alive.load(), 0);
  }
  EXPECT_EQ(alive.load(), 0);
}

TEST(PoolTest, NobodyGetsWhatAnotherHas) {
  Pool<std::unique_ptr<int>> pool([] { return std::make_unique<int>(0); });
  WaitGroup group;
  for (int i = 0; i < 8; ++i) {
    group.Go([&] {
      for (int j = 0; j < 300; ++j) {
        auto mine = pool.Get();
        ASSERT_EQ(++*mine, 1);
        if (j % 10 == 0) Yield();
        --*mine;
        pool.Put(std::move(mine));
      }
    });
  }
  group.Wait();
}

}  // namespace
}  // namespace stray
