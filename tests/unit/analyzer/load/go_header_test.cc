// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/go_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stray::analyzer {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(GoHeaderTest, HasNumberAndStatus) {
  const auto header = ParseGoHeader("goroutine 18 [chan receive]:");
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->id, 18);
  EXPECT_EQ(header->status.words, "chan receive");
  EXPECT_FALSE(header->has_machine);
  EXPECT_EQ(header->status.minutes, 0);
}

TEST(GoHeaderTest, HasAllThatEverStoodThere) {
  const auto header = ParseGoHeader(
      "goroutine 7 gp=0xc0000061c0 m=3 mp=0x5c5a80 [chan receive (nil chan) (leaked) (scan) (durable), 61 "
      "minutes, "
      "locked to thread, synctest bubble 4]{route: /pay, \"a:b\": \"x]: {y\"}:");
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->id, 7);
  EXPECT_TRUE(header->has_machine);
  EXPECT_EQ(header->status.words, "chan receive (nil chan)");
  EXPECT_TRUE(header->status.leaked);
  EXPECT_TRUE(header->status.durable);
  EXPECT_EQ(header->status.minutes, 61);
  EXPECT_TRUE(header->status.locked_to_thread);
  EXPECT_EQ(header->status.bubble, 4);
  EXPECT_THAT(header->labels, ElementsAre(Pair("route", "/pay"), Pair("a:b", "x]: {y")));
}

TEST(GoHeaderTest, OfAGoroutineWithoutMachine) {
  const auto header = ParseGoHeader("goroutine 0 gp=0x5c5a80 m=nil [idle] {k: v}:");
  ASSERT_TRUE(header.has_value());
  EXPECT_THAT(header->labels, ElementsAre(Pair("k", "v")));
}

TEST(GoHeaderTest, IsNothingElse) {
  for (const char* line : {"", "goroutine", "goroutine 7", "goroutine x [select]:", "goroutine 7 [select]",
                           "goroutine 7 [select]: and more",
                           "goroutine 7 []:", "goroutine 7 [select]{k: v:", "goroutine 7 [select]{k: \"v}:",
                           "goroutine 99999999999999999999 [select]:", "Goroutine 7 (running) created at:"}) {
    EXPECT_FALSE(ParseGoHeader(line).has_value()) << line;
  }
}

TEST(GoHeaderTest, KeepsWordsOfANewerGo) {
  EXPECT_EQ(ParseGoHeader("goroutine 7 [page trace flush, 2 minutes, in orbit]:")->status.words,
            "page trace flush");
  EXPECT_EQ(ParseGoHeader("goroutine 7 [page trace flush, in orbit, 2 minutes]:")->status.minutes, 2);
}

}  // namespace
}  // namespace stray::analyzer
