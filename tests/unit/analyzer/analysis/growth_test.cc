// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/growth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/unit/analyzer/analysis/process_builder.h"

namespace stray::analyzer {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kSecond = 1'000'000'000;

// A program whose tasks come and go between snapshots, one a second.
class GrowthTest : public testing::Test {
 protected:
  struct Waiting {
    std::string reason;
    std::string place;
    uint64_t since_ns;
    bool timed;
  };

  GrowthTest() { p_.Main(1); }

  uint32_t Start(const std::string& place, const std::string& reason = "chan receive", bool timed = false) {
    p_.Thread(next_);
    waiting_[next_] = {reason, place, now_ns_ + kSecond / 2, timed};
    return next_++;
  }
  // Of all that wait at `place`: another wait.
  void Renew(const std::string& place) {
    for (auto& [task, waiting] : waiting_) {
      if (waiting.place == place) waiting.since_ns = now_ns_ + kSecond / 2;
    }
  }
  void End(const std::string& place) {
    std::erase_if(waiting_, [&](const auto& entry) { return entry.second.place == place; });
  }

  std::vector<GrowingSite> Look(const absl::flat_hash_set<uint32_t>& explained = {}) {
    now_ns_ += kSecond;
    p_.NextSnapshot("request").Running(1);
    p_.info().set_time_ns(now_ns_);
    for (const auto& [task, waiting] : waiting_) {
      p_.Blocked(task, waiting.reason).Stack(task, {"Wait", waiting.place});
      p_.state(task).set_since_ns(waiting.since_ns);
      p_.state(task).set_wait_ns(now_ns_ - waiting.since_ns);
      p_.state(task).set_timed(waiting.timed);
    }
    const ProcessModel& process = p_.Get();
    ages_.Add(*process.LastSnapshot());
    return series_.Add(process, ages_, explained);
  }

  ProcessBuilder p_{"request"};
  WaitAges ages_;
  GrowthSeries series_;
  std::map<uint32_t, Waiting> waiting_;
  uint32_t next_ = 2;
  uint64_t now_ns_ = kSecond;
};

TEST_F(GrowthTest, APlaceThatGrowsIsToldOnceADoubling) {
  std::vector<uint64_t> told;
  for (int i = 0; i < 45; ++i) {
    Start("Queue");
    for (const GrowingSite& site : Look()) {
      told.push_back(site.trend.now);
      EXPECT_EQ(site.tasks.size(), site.trend.now);
    }
  }
  // The task of the last half second has no age yet.
  ASSERT_EQ(told.size(), 3u);
  EXPECT_GE(told[1], 2 * told[0]);
  EXPECT_LE(told[0], 12u);
}

TEST_F(GrowthTest, TheFindingSaysHowManySinceWhenAndHowFast) {
  std::vector<GrowingSite> growing;
  for (int i = 0; i < 30 && growing.empty(); ++i) {
    Start("Queue");
    growing = Look();
  }
  const std::vector<Finding> findings = GrowthFindings(p_.Get(), growing, {});
  ASSERT_EQ(findings.size(), 1u);
  const Finding& finding = findings[0];
  EXPECT_EQ(finding.id, "leak.alive");
  EXPECT_EQ(finding.confidence, Confidence::kHeuristic);
  ASSERT_TRUE(finding.growth.has_value());
  EXPECT_EQ(finding.growth->first, 0u);
  EXPECT_EQ(finding.growth->now, finding.count);
  EXPECT_DOUBLE_EQ(finding.growth->per_minute, 60);
  EXPECT_GE(finding.growth->oldest_ns, 10 * kSecond);
  EXPECT_THAT(finding.title, HasSubstr("Ever more threads wait in chan receive"));
  EXPECT_THAT(finding.explanation, HasSubstr("60 more a minute"));
  EXPECT_FALSE(finding.signature.empty());
}

TEST_F(GrowthTest, IgnoredTasksAreNoFinding) {
  absl::flat_hash_set<uint32_t> ignored;
  std::vector<GrowingSite> growing;
  for (int i = 0; i < 30 && growing.empty(); ++i) {
    ignored.insert(Start("Queue"));
    growing = Look();
  }
  ASSERT_FALSE(growing.empty());
  EXPECT_TRUE(GrowthFindings(p_.Get(), growing, ignored).empty());
}

TEST_F(GrowthTest, AnIdlePoolIsSilent) {
  for (int i = 0; i < 50; ++i) Start("Pool");
  for (int i = 0; i < 80; ++i) EXPECT_TRUE(Look().empty()) << i;
}

TEST_F(GrowthTest, ABurstThatComesAndGoesIsSilent) {
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 4; ++i) {
      for (int k = 0; k < 10; ++k) Start("Burst");
      EXPECT_TRUE(Look().empty());
    }
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(Look().empty());
    End("Burst");
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(Look().empty());
  }
}

TEST_F(GrowthTest, MoreAndMoreWorkOfShortWaitsIsSilent) {
  for (int i = 0; i < 60; ++i) {
    Renew("Work");
    for (int k = 0; k < 5; ++k) Start("Work");
    EXPECT_TRUE(Look().empty()) << i;
  }
}

TEST_F(GrowthTest, WaitsThatEndByThemselvesCountOnlyIfTheyLast) {
  // Each ends after five snapshots, and there are ever more of them.
  for (int i = 0; i < 40; ++i) {
    for (int k = 0; k < i; ++k) Start("Sleep" + std::to_string(i % 5), "sleep", false);
    EXPECT_TRUE(Look().empty()) << i;
    End("Sleep" + std::to_string((i + 1) % 5));
  }
  size_t told = 0;
  for (int i = 0; i < 40; ++i) {
    Start("Poll", "poll", true);
    told += Look().size();
  }
  EXPECT_GE(told, 1u);
}

TEST_F(GrowthTest, WhatAProofExplainsDoesNotCount) {
  absl::flat_hash_set<uint32_t> proved;
  for (int i = 0; i < 40; ++i) {
    proved.insert(Start("Lost"));
    EXPECT_TRUE(Look(proved).empty()) << i;
  }
}

TEST_F(GrowthTest, ASlowLeakIsSeenInTheLongRun) {
  size_t told = 0;
  for (int i = 0; i < 1200; ++i) {
    if (i % 50 == 0) Start("Slow");
    told += Look().size();
    p_.raw().snapshots.erase(p_.raw().snapshots.begin());
  }
  EXPECT_GE(told, 1u);
}

TEST_F(GrowthTest, PlacesAreLimited) {
  series_ = GrowthSeries({}, 8);
  for (int i = 0; i < 8; ++i) Start("Place" + std::to_string(i));
  Look();
  Look();
  EXPECT_FALSE(series_.has_lost());
  Start("OneMore");
  Look();
  Look();
  EXPECT_TRUE(series_.has_lost());
}

TEST(WaitAgesTest, OnlyTheSameWaitHasAnAge) {
  ProcessBuilder p("request");
  p.Main(1).Thread(2).Thread(3).Blocked(2, "futex").Blocked(3, "futex");
  p.state(2).set_since_ns(5);
  p.state(3).set_since_ns(5);
  WaitAges ages;
  ages.Add(*p.Get().LastSnapshot());
  EXPECT_EQ(ages.AgeOf(2), 0u);
  p.NextSnapshot("request").Blocked(2, "futex").Blocked(3, "futex");
  p.state(2).set_since_ns(5);
  p.state(3).set_since_ns(7);
  ages.Add(*p.Get().LastSnapshot());
  EXPECT_EQ(ages.AgeOf(2), 1u);
  EXPECT_EQ(ages.AgeOf(3), 0u);
}

// Two that take each other's lock again and again: each was seen waiting while the other had its lock.
TEST(WaitAgesTest, WhatMovedIsNoDeadlock) {
  ProcessBuilder p("request");
  p.Mutex(1, "a").Mutex(2, "b").Main(1).Thread(2).Thread(3);
  WaitAges ages;
  const auto look = [&](uint64_t since_ns) {
    p.NextSnapshot("request").Running(1);
    p.Blocked(2, "pthread_mutex_lock", 2).Holds(2, 1).Blocked(3, "pthread_mutex_lock", 1).Holds(3, 2);
    p.state(2).set_since_ns(since_ns);
    p.state(3).set_since_ns(since_ns);
    p.Get();
    ages.Add(p.raw().snapshots.back());
    KeepLastingWaits(ages, p.raw().snapshots.back());
  };
  look(100);
  look(200);
  EXPECT_EQ(p.state(2).state(), "running");
  look(200);
  EXPECT_EQ(p.state(2).state(), "blocked");
  EXPECT_THAT(Summaries(p), testing::ElementsAre("deadlock.cycle x1 T2 T3"));
}

TEST(WaitAgesTest, WhatHasNoAgeCanDoAnything) {
  ProcessBuilder p("request");
  p.Mutex(1, "a").Mutex(2, "b").Main(1).Thread(2).Thread(3).Running(1);
  p.Blocked(2, "pthread_mutex_lock", 2).Holds(2, 1).Blocked(3, "pthread_mutex_lock", 1).Holds(3, 2);
  WaitAges ages;
  ages.Add(*p.Get().LastSnapshot());
  KeepLastingWaits(ages, p.raw().snapshots.back());
  EXPECT_THAT(Summaries(p), testing::IsEmpty());
}

}  // namespace
}  // namespace stray::analyzer
