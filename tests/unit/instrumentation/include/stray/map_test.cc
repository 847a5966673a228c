// SPDX-License-Identifier: Apache-2.0
// stray::Map and stray::PlainMap.
#include "stray/map.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "stray/channel.h"
#include "stray/wait_group.h"
#include "tests/support/parked.h"

namespace stray {
namespace {

using Words = Map<std::string, int>;

TEST(MapTest, EachOperationDoesWhatGoSays) {
  Words map;
  EXPECT_FALSE(map.Load("a").has_value());
  map.Store("a", 1);
  EXPECT_EQ(map.Load("a"), 1);
  Words::Result result = map.LoadOrStore("a", 2);
  EXPECT_TRUE(result.loaded);
  EXPECT_EQ(result.value, 1);
  result = map.LoadOrStore("b", 2);
  EXPECT_FALSE(result.loaded);
  EXPECT_EQ(result.value, 2);
  EXPECT_EQ(map.Swap("b", 3), 2);
  EXPECT_FALSE(map.Swap("c", 4).has_value());
  EXPECT_FALSE(map.CompareAndSwap("c", 5, 6));
  EXPECT_TRUE(map.CompareAndSwap("c", 4, 6));
  EXPECT_FALSE(map.CompareAndSwap("d", 0, 1));
  EXPECT_FALSE(map.CompareAndDelete("c", 4));
  EXPECT_TRUE(map.CompareAndDelete("c", 6));
  EXPECT_FALSE(map.CompareAndDelete("c", 6));
  EXPECT_EQ(map.LoadAndDelete("b"), 3);
  EXPECT_FALSE(map.LoadAndDelete("b").has_value());
  map.Delete("a");
  map.Delete("a");
  EXPECT_FALSE(map.Load("a").has_value());
}

TEST(MapTest, RangeSeesEachKeyOnceAndMayChangeTheMap) {
  Map<int, int> map;
  for (int i = 0; i < 100; ++i) map.Store(i, i);
  std::multiset<int> seen;
  map.Range([&](int key, int value) {
    EXPECT_EQ(key % 1000, value);
    seen.insert(key);
    map.Delete(key);
    if (key < 100) map.Store(key + 1000, value);  // may be seen as well
    return true;
  });
  for (int i = 0; i < 100; ++i) EXPECT_EQ(seen.count(i), 1u);
  for (int key : seen) EXPECT_EQ(seen.count(key), 1u);
  int calls = 0;
  map.Range([&](int, int) { return ++calls < 3; });
  EXPECT_EQ(calls, 3);
  map.Clear();
  map.Range([&](int, int) { return ADD_FAILURE(), true; });
}

TEST(MapTest, ExactlyOneStoresAndCountsAreExact) {
  Map<int, int> map;
  WaitGroup group;
  std::atomic<int> stored{0};
  for (int i = 0; i < 8; ++i) {
    group.Go([&] {
      for (int key = 0; key < 50; ++key) {
        if (!map.LoadOrStore(key, 0).loaded) ++stored;
        for (int old = *map.Load(key); !map.CompareAndSwap(key, old, old + 1); old = *map.Load(key)) Yield();
      }
    });
  }
  group.Wait();
  EXPECT_EQ(stored.load(), 50);
  for (int key = 0; key < 50; ++key) EXPECT_EQ(map.Load(key), 8);
}

TEST(PlainMapTest, IsAMap) {
  PlainMap<std::string, int> map;
  map.Store("a", 1);
  map.Update("a", [](int& value) { ++value; });
  map.Update("b", [](int& value) { value += 5; });
  EXPECT_EQ(map.Load("a"), 2);
  EXPECT_EQ(map.Load("b"), 5);
  EXPECT_FALSE(map.Load("c").has_value());
  EXPECT_EQ(map.Len(), 2u);
  int sum = 0;
  map.Range([&](const std::string&, int value) { return sum += value, true; });
  EXPECT_EQ(sum, 7);
  EXPECT_TRUE(map.Delete("a"));
  EXPECT_FALSE(map.Delete("a"));
  map.Clear();
  EXPECT_EQ(map.Len(), 0u);
}

// In the middle of a write, another goroutine comes.
template <typename F>
void DuringWrite(PlainMap<int, int>& map, F f) {
  map.Update(1, [&](int& value) {
    InGoroutine([&] { f(); });
    ++value;
  });
}

TEST(PlainMapDeathTest, MisuseIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  PlainMap<int, int> map;
  map.Store(0, 0);
  EXPECT_EXIT(DuringWrite(map, [&] { map.Store(2, 2); }), testing::ExitedWithCode(2),
              "^fatal error: concurrent map writes\n");
  EXPECT_EXIT(DuringWrite(map, [&] { map.Load(1); }), testing::ExitedWithCode(2),
              "^fatal error: concurrent map read and map write\n");
  EXPECT_EXIT(DuringWrite(map, [&] { map.Range([](int, int) { return true; }); }), testing::ExitedWithCode(2),
              "^fatal error: concurrent map iteration and map write\n");
}

}  // namespace
}  // namespace stray
