// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/go_profile_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "analyzer/load/task_log.h"
#include "tests/unit/analyzer/load/listing_text.h"

namespace stray::analyzer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

constexpr char kGroups[] =
    "2 @ 0x47db6a 0x41425c 0x4e28f8\n"
    "# labels: {\"route\":\"/pay\", \"tenant\":\"a]: b\"}\n"
    "#\t0x4e28f7\tshop.(*Cart).flush+0x57\tapp/cart.go:81\n"
    "\n"
    "1 @ 0x47db6a 0x481105\n"
    "#\t0x481104\ttime.Sleep+0x164\t\truntime/time.go:368\n"
    "#\t0x4e2a64\tmain.main.func4+0x24\tapp/main.go:16\n"
    "\n"
    "1 @ 0x47db6a 0x481105\n"
    "\n";

TEST(GoProfileTextTest, CountsGoroutinesWithLabels) {
  const Model model = ReadTaskLog(absl::StrCat("goroutine profile: total 4\n", kGroups), "g");
  const ProcessModel& process = *model.processes.front();
  EXPECT_THAT(
      TasksText(process),
      ElementsAre("goroutine ? : shop.(*Cart).flush cart.go:81", "goroutine ? : shop.(*Cart).flush cart.go:81",
                  "goroutine ? blocked sleep: time.Sleep time.go:368, main.main.func4 main.go:16",
                  "goroutine ? : "));
  EXPECT_THAT(process.labels, SizeIs(4));
  EXPECT_EQ(process.labels[1].value(), "a]: b");
  EXPECT_EQ(process.FindStack(process.LastSnapshot()->tasks[3].stack())->addresses(1), 0x481105);
  EXPECT_THAT(model.damage, IsEmpty());
}

TEST(GoProfileTextTest, KnowsLeaks) {
  const Model model = ReadTaskLog(absl::StrCat("goroutineleak profile: total 4\n", kGroups), "g");
  for (const wire::TaskState& state : model.processes.front()->LastSnapshot()->tasks) {
    EXPECT_EQ(state.told(), "leaked");
    EXPECT_EQ(state.state(), "blocked");
  }
}

TEST(GoProfileTextTest, SaysWhatIsMissing) {
  const Model model = ReadTaskLog(absl::StrCat("goroutine profile: total 9\n", kGroups), "g.txt");
  EXPECT_THAT(
      model.damage,
      ElementsAre(
          "g.txt:1: the goroutine profile that begins here counts 9, but only 4 are in it: it was cut"));
}

TEST(GoProfileTextTest, CountsContentionsInTime) {
  const Model model = ReadTaskLog(
      "--- contention:\ncycles/second=2000000000\n3000000 12 @ 0x47db6a 0x41425c\n"
      "#\t0x47db69\tsync.(*Mutex).Lock+0x69\tsync/mutex.go:90\n#\t0x41425b\tmain.f+0x1b\tapp/main.go:7\n\n"
      "--- mutex:\ncycles/second=2000000000\nsampling period=1\n5 1 @\n",
      "g");
  ASSERT_THAT(model.processes, SizeIs(2));
  ASSERT_THAT(model.processes[0]->profile_sites, SizeIs(1));
  const wire::ProfileSite& site = model.processes[0]->profile_sites[0];
  EXPECT_EQ(site.profile(), "block");
  EXPECT_EQ(site.count(), 12);
  EXPECT_EQ(site.delay_ns(), 1'500'000);
  EXPECT_EQ(StackText(*model.processes[0], site.stack()), "sync.(*Mutex).Lock mutex.go:90, main.f main.go:7");
  EXPECT_EQ(model.processes[1]->profile_sites[0].profile(), "mutex");
  EXPECT_EQ(model.processes[1]->profile_sites[0].stack(), 0);
  EXPECT_THAT(model.processes[0]->tasks, IsEmpty());
}

TEST(GoProfileTextTest, ManyProfilesCanStandInOneFile) {
  const Model model =
      ReadTaskLog(absl::StrCat("goroutine profile: total 4\n", kGroups, "threadcreate profile: total 2\n",
                               "1 @\n#\t0x0\n\n1 @ 0x1\n#\t0x1\tmain.f+0x1\ta/b.go:3\n"),
                  "g");
  ASSERT_THAT(model.processes, SizeIs(2));
  EXPECT_THAT(model.processes[1]->profile_sites, SizeIs(2));
  EXPECT_EQ(StackText(*model.processes[1], model.processes[1]->profile_sites[0].stack()), "");
}

TEST(GoProfileTextTest, KeepsTheMemoryOfTheMachine) {
  const Model model = ReadTaskLog("goroutine profile: total 900000000000\n900000000000 @ 0x1\n", "g.txt");
  EXPECT_EQ(model.processes.front()->tasks.size(), size_t{1} << 20);
  EXPECT_THAT(model.damage, ElementsAre(HasSubstr("tasks were left out: there are too many")));
}

TEST(GoProfileTextTest, LabelsAreJson) {
  EXPECT_THAT(ParseProfileLabels(R"({"a":"\u0041", "b":"x"})"), ElementsAre(Pair("a", "A"), Pair("b", "x")));
  EXPECT_THAT(ParseProfileLabels("{\"a\":"), IsEmpty());
  EXPECT_THAT(ParseProfileLabels("[1]"), IsEmpty());
}

}  // namespace
}  // namespace stray::analyzer
