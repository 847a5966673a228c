// SPDX-License-Identifier: Apache-2.0
// What is counted in which profile. tests/cli/profiles_test.py gives profiles to the tools that read them.
#include "analyzer/report/task_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "analyzer/analysis/analyze.h"
#include "tests/unit/analyzer/report/report_fixture.h"

namespace stray::analyzer {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TaskProfile ProfileOf(const Model& model, const ProfileOptions& options) {
  return MakeTaskProfile(model, Analyze(model), options);
}

std::string LabelOf(const ProfileSample& sample, absl::string_view key) {
  for (const ProfileLabel& label : sample.labels) {
    if (label.key == key) return label.text;
  }
  return "";
}

TEST(TaskProfileTest, NamesAreGos) {
  EXPECT_THAT(ProfileNames(), ElementsAre("goroutine", "goroutineleak", "block", "mutex", "threadcreate"));
  for (const std::string& name : ProfileNames()) EXPECT_EQ(NameOfProfile(*ProfileOfName(name)), name);
  EXPECT_FALSE(ProfileOfName("heap").has_value());
}

TEST(TaskProfileTest, AProcessWithoutSnapshotHasNoTasksToShow) {
  const absl::StatusOr<Model> model = ReadText("process { pid: 3 program: \"/bin/app\" }\n", "none.txt");
  ASSERT_TRUE(model.ok());
  EXPECT_FALSE(HasTasks(*model));
  EXPECT_TRUE(HasTasks(ShopModel()));
}

TEST(TaskProfileTest, EveryLiveTaskIsInTheProfileOfGoroutines) {
  const TaskProfile profile = ProfileOf(ShopModel("task_state { task: 9 state: \"finished\" }\n"), {});
  EXPECT_EQ(profile.samples.size(), 4u);
}

TEST(TaskProfileTest, TasksWithTheSameStackAndLabelsAreOneSampleUnlessEachIsAskedFor) {
  const Model model = ShopModel(
      "task { id: 5 kind: \"thread\" name: \"reader\" parent: 1 create_stack: 3 }\n"
      "task_state { task: 5 state: \"blocked\" wait_reason: \"pthread_cond_wait\" object: 3 stack: 4 wait_ns: "
      "7 }\n");
  const TaskProfile merged = ProfileOf(model, {.kind = ProfileKind::kBlock});
  ASSERT_EQ(merged.samples.size(), 3u);
  EXPECT_EQ(merged.samples[0].count, 2);
  EXPECT_EQ(merged.samples[0].wait_ns, 500000007);
  EXPECT_EQ(ProfileOf(model, {.kind = ProfileKind::kBlock, .per_task = true}).samples.size(), 4u);
}

TEST(TaskProfileTest, SleepersAreNotBlockedByAnybody) {
  const Model model = ShopModel(
      "task_state { task: 9 state: \"blocked\" wait_reason: \"nanosleep\" stack: 4 wait_ns: 9 }\n"
      "task_state { task: 10 state: \"blocked\" wait_reason: \"read\" stack: 4 wait_ns: 9 }\n");
  std::vector<std::string> reasons;
  for (const ProfileSample& sample : ProfileOf(model, {.kind = ProfileKind::kBlock}).samples)
    reasons.push_back(LabelOf(sample, "wait_reason"));
  EXPECT_THAT(reasons, Contains("read"));
  EXPECT_THAT(reasons, Not(Contains("nanosleep")));
}

TEST(TaskProfileTest, OnlyWhatIsProvedAndNotSuppressedIsALeak) {
  const Model model = ShopModel();
  std::vector<Finding> findings = {DeadlockOf(model)};
  const ProfileOptions options{.kind = ProfileKind::kGoroutineLeak};
  EXPECT_EQ(MakeTaskProfile(model, findings, options).samples.size(), 2u);
  findings[0].confidence = Confidence::kLikely;
  EXPECT_THAT(MakeTaskProfile(model, findings, options).samples, IsEmpty());
  findings[0].confidence = Confidence::kProved;
  findings[0].suppressed = true;
  EXPECT_THAT(MakeTaskProfile(model, findings, options).samples, IsEmpty());
}

TEST(TaskProfileTest, MutexesShowWhoHoldsThemWithTheSumOfTheWaits) {
  const Model model = ShopModel(
      "task_state { task: 9 state: \"blocked\" wait_reason: \"pthread_mutex_lock\" object: 1 wait_ns: 5 }\n");
  const TaskProfile profile = ProfileOf(model, {.kind = ProfileKind::kMutex});
  ASSERT_EQ(profile.samples.size(), 2u);
  EXPECT_THAT(profile.samples[0].addresses, ElementsAre(0x401100));
  EXPECT_EQ(profile.samples[0].count, 2);
  EXPECT_EQ(profile.samples[0].wait_ns, 2000000005);
  EXPECT_EQ(LabelOf(profile.samples[0], "object"), "mutex g_cart");
  EXPECT_EQ(LabelOf(profile.samples[1], "object"), "mutex first used at Ledger::Post (ledger.cc:22)");
}

TEST(TaskProfileTest, ALockThatSeveralReadersHoldCountsForEachOfThem) {
  const Model model = ShopModel(R"(
object { id: 4 kind: "rwlock" address: 0x7f30 }
task_state { task: 7 state: "running" held { object: 4 read: true site { address: 0x401300 } } }
task_state { task: 8 state: "running" held { object: 4 read: true site { address: 0x401400 } } }
task_state { task: 9 state: "blocked" wait_reason: "pthread_rwlock_wrlock" object: 4 wait_ns: 5 }
)");
  int readers = 0;
  for (const ProfileSample& sample : ProfileOf(model, {.kind = ProfileKind::kMutex}).samples)
    readers +=
        absl::StrContains(LabelOf(sample, "object"), "rwlock") && sample.count == 1 && sample.wait_ns == 5;
  EXPECT_EQ(readers, 2);
}

TEST(TaskProfileTest, WaitsThatHaveEndedStandBesideThoseThatGoOn) {
  const std::string sites =
      "profile_site { profile: \"block\" stack: 4 count: 9 delay_ns: 50 wait_reason: \"pthread_cond_wait\" }\n"
      "profile_site { profile: \"block\" stack: 4 count: 1 delay_ns: 5 wait_reason: \"pthread_cond_wait\" }\n"
      "profile_site { profile: \"mutex\" stack: 0 count: 2 delay_ns: 7 wait_reason: \"pthread_mutex_lock\" }\n";
  const Model model = ShopModel(sites);
  const Model without = ShopModel();
  for (const ProfileKind kind : {ProfileKind::kBlock, ProfileKind::kMutex}) {
    const bool is_block = kind == ProfileKind::kBlock;
    const TaskProfile profile = ProfileOf(model, {.kind = kind});
    EXPECT_EQ(profile.samples.size(), ProfileOf(without, {.kind = kind}).samples.size() + 1);
    const auto ended =
        std::find_if(profile.samples.begin(), profile.samples.end(),
                     [](const ProfileSample& sample) { return LabelOf(sample, "state") == "ended"; });
    ASSERT_NE(ended, profile.samples.end());
    EXPECT_EQ(ended->count, is_block ? 10 : 2);
    EXPECT_EQ(ended->wait_ns, is_block ? 55 : 7);
    EXPECT_EQ(ended->placeholder, is_block ? "" : "[place not known]");
    EXPECT_EQ(LabelOf(*ended, "wait_reason"), is_block ? "pthread_cond_wait" : "pthread_mutex_lock");
  }
  for (const ProfileKind kind :
       {ProfileKind::kGoroutine, ProfileKind::kGoroutineLeak, ProfileKind::kThreadCreate})
    EXPECT_EQ(ProfileOf(model, {.kind = kind}).samples.size(),
              ProfileOf(without, {.kind = kind}).samples.size());
}

TEST(TaskProfileTest, AProfileOfWaitsSaysIfThoseThatEndedAreNotCounted) {
  const TaskProfile profile = ProfileOf(ShopModel(), {.kind = ProfileKind::kBlock});
  EXPECT_THAT(profile.comments, Contains(HasSubstr("waits that are over are not counted at this moment")));
  EXPECT_THAT(ProfileOf(ShopModel(), {}).comments, Not(Contains(HasSubstr("waits that are over"))));
  Model counts = ShopModel();
  counts.processes[0]->process.set_block_rate_ns(1);
  EXPECT_THAT(ProfileOf(counts, {.kind = ProfileKind::kBlock}).comments,
              Not(Contains(HasSubstr("waits that are over"))));
  EXPECT_THAT(ProfileOf(counts, {.kind = ProfileKind::kMutex}).comments,
              Contains(HasSubstr("--mutex-profile-fraction")));
}

TEST(TaskProfileTest, WaitersOfALockThatNobodyIsKnownToHoldAreSaidToBeMissing) {
  const Model model = ShopModel(R"(
object { id: 5 kind: "mutex" address: 0x7f50 }
task_state { task: 9 state: "blocked" wait_reason: "pthread_mutex_lock" object: 5 wait_ns: 5 }
)");
  const TaskProfile profile = ProfileOf(model, {.kind = ProfileKind::kMutex});
  EXPECT_EQ(profile.samples.size(), 2u);
  EXPECT_THAT(profile.comments, Contains(HasSubstr("1 task waits for a lock whose holder is not known")));
}

TEST(TaskProfileTest, LabelsOfTheProgramCannotTakeThePlaceOfOurs) {
  const Model model = ShopModel(R"(
label { task: 4 key: "wait_reason" value: "mine" }
label { task: 4 key: "pprof::base" value: "x" }
label { task: 4 key: "" value: "nameless" }
label { task: 4 key: "request" value: "42" }
)");
  for (const ProfileSample& sample : ProfileOf(model, {}).samples) {
    if (LabelOf(sample, "request").empty()) continue;
    EXPECT_EQ(LabelOf(sample, "wait_reason"), "pthread_cond_wait");
    EXPECT_EQ(LabelOf(sample, "label.wait_reason"), "mine");
    EXPECT_EQ(LabelOf(sample, "label.pprof::base"), "x");
    EXPECT_EQ(LabelOf(sample, "label."), "nameless");
    return;
  }
  FAIL() << "no sample has the label";
}

TEST(TaskProfileTest, WithoutLabelsThereAreNone) {
  for (const ProfileSample& sample : ProfileOf(ShopModel(), {.labels = false}).samples)
    EXPECT_THAT(sample.labels, IsEmpty());
}

TEST(TaskProfileTest, AStackThatIsMissingIsSaidToBe) {
  const Model model = ShopModel("task_state { task: 9 state: \"blocked\" wait_reason: \"read\" wait_ns: 9 }\n");
  EXPECT_THAT(FoldedText(ProfileOf(model, {})), HasSubstr("cart_test;[stack missing];[read] 1\n"));
  EXPECT_THAT(GoroutineText(model, {}, false),
              HasSubstr("goroutine 9 [read, locked to thread]:\nread(...)\n\t??:0\n\n"));
}

TEST(TaskProfileTest, FramesOfFoldedLinesAreOutermostFirst) {
  EXPECT_THAT(FoldedText(ProfileOf(ShopModel(), {})),
              HasSubstr("cart_test;Ledger::Post;Cart::Total;[pthread_mutex_lock] 1\n"));
}

TEST(GoroutineTextTest, AStackThatWasCutSaysSo) {
  const Model model = ShopModel(
      "stack { id: 9 addresses: [0x401600] cut: true }\n"
      "task_state { task: 9 state: \"runnable\" stack: 9 }\n");
  EXPECT_THAT(
      GoroutineText(model, {}, false),
      HasSubstr("goroutine 9 [runnable, locked to thread]:\nQueue::Pop(...)\n\t/opt/lib/queue/queue.cc:44\n"
                "...additional frames elided...\n\n"));
}

TEST(GoroutineTextTest, AStatusCannotEndTheHeader) {
  const Model model = ShopModel(
      "task_state { task: 9 state: \"blocked\" wait_reason: \"f[abi:x], y\\n\" wait_ns: 9 stack: 4 }\n");
  EXPECT_THAT(GoroutineText(model, {}, false),
              HasSubstr("goroutine 9 [f(abi:x); y\\x0a, locked to thread]:\n"));
}

TEST(GoroutineTextTest, ARunningTaskWithoutAStackHasGosWordsForIt) {
  EXPECT_THAT(GoroutineText(ShopModel(), {}, false),
              HasSubstr("goroutine 1 [running, locked to thread]:\n"
                        "\tgoroutine running on other thread; stack unavailable\n\n"));
}

}  // namespace
}  // namespace stray::analyzer
