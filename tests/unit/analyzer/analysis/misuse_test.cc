// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/misuse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "tests/unit/analyzer/analysis/process_builder.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ProcessBuilder TwoThreads() {
  ProcessBuilder p;
  p.NoSnapshot().Main(1).Thread(2, "worker").Mutex(1, "mu").Mutex(2, "other_mu").Object(3, "condition", "cv");
  return p;
}

std::string OnlyExplanation(ProcessBuilder& p) {
  const std::vector<Finding> findings = p.Findings();
  return findings.size() == 1 ? findings[0].explanation : absl::StrCat(findings.size(), " findings");
}

TEST(MisuseTest, UnlockByAnotherThreadNamesBoth) {
  ProcessBuilder p = TwoThreads();
  wire::Misuse& misuse = p.AddMisuse("unlock-not-owner", 2, 1, "Abort");
  misuse.set_call("pthread_mutex_unlock");
  misuse.set_other_task(1);
  *misuse.mutable_other_site() = p.SiteOf("Begin");
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("sync.misuse x1 T1 T2"));
  EXPECT_EQ(findings[0].title, "A mutex was unlocked by a thread other than the one that had locked it");
  EXPECT_EQ(
      findings[0].explanation,
      "T2 \"worker\" called pthread_mutex_unlock on mutex mu at Abort (app.cc:1). Main had locked it at Begin "
      "(app.cc:2).");
  EXPECT_EQ(findings[0].confidence, Confidence::kProved);
}

TEST(MisuseTest, AThreadThatEndsWithALockSaysWhereItTookIt) {
  ProcessBuilder p = TwoThreads();
  wire::Misuse& misuse = p.AddMisuse("ended-holding", 2, 1, "start_thread");
  misuse.set_other_task(2);
  *misuse.mutable_other_site() = p.SiteOf("Worker::Run");
  EXPECT_EQ(OnlyExplanation(p),
            "T2 \"worker\" ended while it held mutex mu. It had locked it at Worker::Run (app.cc:2).");
}

TEST(MisuseTest, ThreadsThatEndWithALockAreToldApartByWhereTheyTookIt) {
  ProcessBuilder p = TwoThreads();
  *p.AddMisuse("ended-holding", 1, 1, "start_thread").mutable_other_site() = p.SiteOf("Run");
  *p.AddMisuse("ended-holding", 2, 2, "start_thread").mutable_other_site() = p.SiteOf("Walk");
  *p.AddMisuse("ended-holding", 2, 1, "pthread_exit").mutable_other_site() = p.SiteOf("Run");
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("sync.misuse x2 T1 T2", "sync.misuse x1 T2"));
  EXPECT_EQ(findings[0].groups[0].tasks[0].stacks[0].role, "acquired");
}

TEST(MisuseTest, TwoMutexesWithOneConditionNamesTheOtherWaiterAndItsMutex) {
  ProcessBuilder p = TwoThreads();
  wire::Misuse& misuse = p.AddMisuse("cond-two-mutexes", 2, 3, "WaitB");
  misuse.set_call("pthread_cond_wait");
  misuse.set_other_task(1);
  misuse.set_other_object(1);
  EXPECT_EQ(OnlyExplanation(p),
            "T2 \"worker\" called pthread_cond_wait on condition cv at WaitB (app.cc:1). Main is waiting "
            "on it with another mutex, mutex mu.");
}

TEST(MisuseTest, JoiningTwiceNamesTheThreadAndTheError) {
  ProcessBuilder p = TwoThreads();
  wire::Misuse& misuse = p.AddMisuse("join-twice", 1, 0, "main");
  misuse.set_call("pthread_join");
  misuse.set_other_task(2);
  misuse.set_error(ESRCH);
  EXPECT_EQ(OnlyExplanation(p),
            "Main called pthread_join for T2 \"worker\" at main (app.cc:1), which returned ESRCH.");
}

TEST(MisuseTest, TheSameKindAtTheSamePlaceIsOneFindingWithACount) {
  ProcessBuilder p = TwoThreads();
  p.AddMisuse("unlock-not-locked", 1, 1, "Leave").set_count(3);
  p.AddMisuse("unlock-not-locked", 2, 2, "Leave").set_count(4);
  p.AddMisuse("unlock-not-locked", 2, 2, "Elsewhere");
  p.AddMisuse("destroy-locked", 2, 2, "Leave");
  EXPECT_THAT(Summaries(p), ElementsAre("sync.misuse x7 T1 T2", "sync.misuse x1 T2", "sync.misuse x1 T2"));
}

TEST(MisuseTest, ErrorsThatAnErrorCheckingMutexWasAskedForAreNoMisuse) {
  for (int error : {EDEADLK, EPERM}) {
    ProcessBuilder p = TwoThreads();
    p.object(1).set_error_check(true);
    p.AddMisuse("error-result", 2, 1, "Enter").set_error(error);
    EXPECT_THAT(Summaries(p), IsEmpty());
  }
  ProcessBuilder p = TwoThreads();
  p.object(1).set_error_check(true);
  p.AddMisuse("error-result", 2, 1, "Enter").set_error(EINVAL);
  EXPECT_THAT(Summaries(p), ElementsAre("sync.misuse x1 T2"));
}

TEST(MisuseTest, ARobustMutexWhoseOwnerEndedIsNoMisuse) {
  ProcessBuilder p = TwoThreads();
  p.object(1).set_robust(true);
  p.AddMisuse("ended-holding", 2, 1, "Run");
  EXPECT_THAT(Summaries(p), IsEmpty());
}

TEST(MisuseTest, AKindThatThisVersionDoesNotKnowIsReportedAllTheSame) {
  ProcessBuilder p = TwoThreads();
  p.AddMisuse("misuse of the future", 2, 1, "Run");
  EXPECT_THAT(Summaries(p), ElementsAre("sync.misuse x1 T2"));
}

TEST(MisuseTest, EveryKindOfTheCatalogueHasATitleOfItsOwn) {
  ProcessBuilder p = TwoThreads();
  size_t kinds = 0;
#define STRAY_MISUSE_KIND(number, enumerator, word, sentence) p.AddMisuse(word, 2, 1, "Run"), ++kinds;
#include "agent/wire/misuse_kinds.inc"
#undef STRAY_MISUSE_KIND
  std::vector<std::string> titles;
  for (const Finding& finding : p.Findings()) titles.push_back(finding.title);
  std::sort(titles.begin(), titles.end());
  titles.erase(std::unique(titles.begin(), titles.end()), titles.end());
  EXPECT_EQ(titles.size(), kinds);
}

}  // namespace
}  // namespace stray::analyzer
