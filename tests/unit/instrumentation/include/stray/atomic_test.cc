// SPDX-License-Identifier: Apache-2.0
// stray::Atomic.
#include "stray/atomic.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "stray/wait_group.h"

namespace stray {
namespace {

constinit Atomic<int> static_atomic;

TEST(AtomicTest, IntegersAsInGo) {
  Atomic<int64_t> value(5);
  EXPECT_EQ(value.Load(), 5);
  EXPECT_EQ(value.Add(3), 8);  // what is there now
  EXPECT_EQ(value.Swap(1), 8);
  EXPECT_FALSE(value.CompareAndSwap(2, 3));
  EXPECT_TRUE(value.CompareAndSwap(1, 6));
  EXPECT_EQ(value.And(3), 6);
  EXPECT_EQ(value.Or(1), 2);
  EXPECT_EQ(value.Load(), 3);
  value.Store(-1);
  EXPECT_EQ(value.Load(), -1);
  EXPECT_EQ(static_atomic.Add(0), 0);
}

TEST(AtomicTest, AnyTypeIsOneValue) {
  struct Pair {
    std::string a, b;
    bool operator==(const Pair&) const = default;
  };
  Atomic<Pair> pair(Pair{"x", "x"});
  WaitGroup group;
  for (int i = 0; i < 4; ++i) {
    group.Go([&, i] {
      for (int j = 0; j < 200; ++j) {
        const std::string text(static_cast<size_t>(20 + i), static_cast<char>('a' + j % 20));
        pair.Store({text, text});
        const Pair seen = pair.Load();
        ASSERT_EQ(seen.a, seen.b);
      }
    });
  }
  group.Wait();
  const Pair last = pair.Load();
  EXPECT_FALSE(pair.CompareAndSwap({"no", "no"}, {}));
  EXPECT_TRUE(pair.CompareAndSwap(last, {"1", "2"}));
  EXPECT_EQ(pair.Swap({}).b, "2");

  Atomic<std::shared_ptr<const int>> config;
  EXPECT_EQ(config.Load(), nullptr);
  config.Store(std::make_shared<int>(3));
  EXPECT_EQ(*config.Load(), 3);
  EXPECT_EQ(config.Load().use_count(), 2);
}

}  // namespace
}  // namespace stray
