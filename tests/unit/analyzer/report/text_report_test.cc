// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "analyzer/report/page.h"
#include "analyzer/report/report.h"
#include "instrumentation/tsan/fibers.h"
#include "tests/unit/analyzer/report/report_fixture.h"

namespace stray::analyzer {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Report(const Model& model, const std::vector<Finding>& findings) {
  return TextReport(model, findings, ReportOptions{});
}

// Where `text` stands in `report`; a test fails if it does not.
size_t PlaceIn(const std::string& report, const std::string& text) {
  EXPECT_THAT(report, HasSubstr(text));
  return report.find(text);
}

TEST(TextReportTest, HeadlineCountsAndSaysWhere) {
  const Model model = ShopModel();
  const std::string report = Report(model, {DeadlockOf(model), LeakOf(model)});
  EXPECT_THAT(report, testing::StartsWith("stray: 2 findings in cart_test (pid 4711): 1 deadlock, 1 leak.\n"
                                          "       4 tasks when it hung, 3 of them in findings.\n"));
}

TEST(TextReportTest, DeadlockShowsWhoHoldsAndWantsWhat) {
  const Model model = ShopModel();
  const std::string report = Report(model, {DeadlockOf(model)});
  EXPECT_THAT(
      report,
      HasSubstr("\n1  deadlock.cycle  proved                                                   once\n"));
  EXPECT_THAT(report, HasSubstr("   T2 \"flusher\"  blocked for 2.1 s in pthread_mutex_lock\n"
                                "     holds    mutex g_cart, taken at Cart::Flush (cart.cc:81)\n"));
  EXPECT_THAT(report, HasSubstr("     wants    mutex M2, first locked at Ledger::Post (ledger.cc:22), held by\n"
                                "              T3 \"writer\"\n"));
  EXPECT_THAT(report, HasSubstr("Ledger::Append  src/ledger.cc:40\n"
                                "              Cart::Flush     src/cart.cc:81\n"));
  EXPECT_THAT(report, HasSubstr("     started  by main at main (main.cc:12)\n"));
}

TEST(TextReportTest, WhoWaitsBehindAWaiterIsNotSaidToWaitForAHolder) {
  const Model model = ShopModel();
  Finding finding = DeadlockOf(model);
  finding.groups.front().tasks.front().waits_for_task = 4;
  EXPECT_THAT(Report(model, {finding}), HasSubstr("behind\n              T4 \"reader\"\n"));
}

TEST(TextReportTest, ObjectsAreListedOnceWithTheirAddress) {
  const Model model = ShopModel();
  const std::string report = Report(model, {DeadlockOf(model)});
  EXPECT_THAT(report, HasSubstr("M2      mutex at 0x7f10, first locked at Ledger::Post (ledger.cc:22)\n"));
  const size_t first = PlaceIn(report, "0x404100");
  EXPECT_EQ(report.find("0x404100", first + 1), std::string::npos);
}

TEST(TextReportTest, HistoryOfAnObjectExplainsAWaitWithoutHolder) {
  const Model model = ShopModel();
  const std::string report = Report(model, {LeakOf(model)});
  const size_t signal = PlaceIn(report, "signal by main at main (main.cc:12)\n");
  const size_t wait = PlaceIn(report, "wait by T4 \"reader\" at Queue::Pop (queue.cc:44)\n");
  EXPECT_LT(signal, wait);
}

TEST(TextReportTest, MissingStackIsSaidAndTheLastEventsStandIn) {
  const Model model = ShopModel();
  Finding finding = DeadlockOf(model);
  EvidenceStack& blocked = finding.groups.front().tasks.front().stacks.front();
  blocked.missing = true;
  blocked.addresses.clear();
  const std::string report = Report(model, {finding});
  EXPECT_THAT(report, HasSubstr("at       (no stack: only the living process could have given it)\n"
                                "     last did lock of mutex g_cart at Cart::Flush (cart.cc:81)\n"));
}

TEST(TextReportTest, LossesStandAboveTheFindings) {
  const Model model = ShopModel("loss { word: \"tasks\" count: 3 }");
  const std::string report = Report(model, {DeadlockOf(model)});
  EXPECT_LT(PlaceIn(report, "data is incomplete: 3 tasks were not recorded: the task table was full"),
            PlaceIn(report, "1  deadlock.cycle"));
}

TEST(TextReportTest, DetailThatIsMissingIsANoteOnly) {
  const Model model = ShopModel("loss { word: \"stack_frames\" count: 3 }");
  const std::string report = Report(model, {DeadlockOf(model)});
  EXPECT_THAT(report, HasSubstr("note: 3 stacks were cut at 256 frames"));
  EXPECT_THAT(report, Not(HasSubstr("incomplete")));
}

TEST(TextReportTest, NothingFoundIsOneLine) {
  const Model model = ShopModel();
  EXPECT_EQ(Report(model, {}), "stray: no findings in cart_test (pid 4711): 4 tasks, 3 still alive.\n");
}

TEST(TextReportTest, NothingFoundInIncompleteDataIsNeverClean) {
  Model model = ShopModel();
  model.damage.push_back("app.stray@0x4f0: checksum is wrong");
  EXPECT_EQ(Report(model, {}),
            "stray: nothing found in cart_test (pid 4711), but data is incomplete:\n"
            "  - app.stray@0x4f0: checksum is wrong\n");
}

TEST(TextReportTest, SuppressedFindingsAreCountedNotShown) {
  const Model model = ShopModel();
  std::vector<Finding> findings = {DeadlockOf(model)};
  findings.front().suppressed = true;
  findings.front().suppressed_by = "rules.supp:2: ticket 12";
  const std::string report = Report(model, findings);
  EXPECT_THAT(report, HasSubstr("1 finding is\n       suppressed.\n"));
  EXPECT_THAT(report, HasSubstr("suppressed: rules.supp:2: ticket 12\n"));
  EXPECT_THAT(report, Not(HasSubstr("deadlock.cycle")));
}

TEST(TextReportTest, ProcessesWithoutFindingsGetNoSection) {
  const Model model = ShopModel(
      "process { pid: 4712 program: \"/bin/helper\" state: \"exited\" }\n"
      "snapshot { id: 1 reason: \"exit\" }\n"
      "process { pid: 4713 program: \"/bin/other\" state: \"exited\" }\n"
      "snapshot { id: 1 reason: \"exit\" }\n");
  Finding leak = LeakOf(model);
  leak.process = model.processes[1].get();
  leak.groups.front().tasks.front() = EvidenceTask();
  leak.groups.front().tasks.front().state = "running";
  leak.objects.clear();
  const std::string report = Report(model, {DeadlockOf(model), leak});
  EXPECT_THAT(report, testing::StartsWith("stray: 2 findings in 2 of 3 processes: 1 deadlock, 1 leak.\n"));
  EXPECT_LT(PlaceIn(report, "\ncart_test (pid 4711): 4 tasks when it hung"),
            PlaceIn(report, "\nhelper (pid 4712): "));
  EXPECT_THAT(report, HasSubstr("\n2  leak.blocked"));
  EXPECT_THAT(report, Not(HasSubstr("other (pid 4713)")));
}

TEST(TextReportTest, DumpsAreNamedOnlyWhereThereAreSome) {
  const Model model = ShopModel();
  EXPECT_THAT(Report(model, {}), Not(HasSubstr("stray report")));
  ReportOptions options;
  options.dump_paths = {"out/cart_test.4711.stray"};
  EXPECT_THAT(TextReport(model, {}, options), HasSubstr("\n       stray report out/cart_test.4711.stray\n"));
}

TEST(TextReportTest, LongFunctionNamesAreNotCutInStacks) {
  const std::string name = "Warehouse::" + std::string(90, 'x') + "::Restock";
  const Model model = ShopModel("frame { address: 0x401700 module: 1 locations { function: \"" + name +
                                "\" file: \"/home/dev/shop/src/w.cc\" line: 7 } }");
  Finding leak = LeakOf(model);
  leak.groups.front().tasks.front().stacks.front().addresses = {0x401700};
  EXPECT_THAT(Report(model, {leak}), HasSubstr(name + "\n                  src/w.cc:7\n"));
}

TEST(TextReportTest, FramesOfATestFrameworkAreFolded) {
  const Model model = ShopModel(
      "frame { address: 0x401700 module: 1 locations { function: \"testing::Test::Run()\" } }"
      "frame { address: 0x401708 module: 1 locations { function: \"testing::TestInfo::Run()\" } }");
  Finding leak = LeakOf(model);
  leak.groups.front().tasks.front().stacks.front().addresses = {0x401600, 0x401700, 0x401708, 0x401500};
  EXPECT_THAT(Report(model, {leak}), HasSubstr("Queue::Pop  .../queue/queue.cc:44\n"
                                               "              .. 2 frames of the test framework\n"
                                               "              main        src/main.cc:12\n"));
  leak.groups.front().tasks.front().stacks.front().addresses = {0x401700, 0x401500};
  EXPECT_THAT(Report(model, {leak}), HasSubstr("at       testing::Test::Run  cart_test+0x"))
      << "not the innermost";
}

TEST(TextReportTest, DeepStacksSayHowMuchIsLeftOut) {
  const Model model = ShopModel();
  Finding leak = LeakOf(model);
  leak.groups.front().tasks.front().stacks.front().addresses.assign(256, 0x401600);
  leak.groups.front().tasks.front().stacks.front().cut = true;
  const std::string report = Report(model, {leak});
  EXPECT_THAT(report, HasSubstr(".. 245 more frames (all are in the JSON report)\n"));
  EXPECT_THAT(report, HasSubstr(".. deeper frames were not kept\n"));
}

TEST(TextReportTest, ColourIsOffByDefault) {
  const Model model = ShopModel();
  EXPECT_THAT(Report(model, {DeadlockOf(model)}), Not(HasSubstr("\x1b")));
  ReportOptions options;
  options.color = true;
  EXPECT_THAT(TextReport(model, {DeadlockOf(model)}, options), HasSubstr("\x1b[1;31mdeadlock.cycle\x1b[0m"));
}

TEST(TextReportTest, HostileNamesDoNotReachTheTerminal) {
  Model model = ShopModel();
  model.processes.front()->tasks[1].set_name("\x1b[2Jgone\n");
  const std::string report = Report(model, {DeadlockOf(model)});
  EXPECT_THAT(report, Not(HasSubstr("\x1b")));
}

// Processor time, so that a busy machine does not fail the test.
#ifdef __OPTIMIZE__
constexpr double kLimitSeconds = 1;
#else
constexpr double kLimitSeconds = 10;
#endif

TEST(TextReportTest, HundredThousandTasksInFiftyGroupsTakeLessThanASecond) {
  // A sanitizer makes all of it many times slower.
  const uint32_t tasks_in_group = tsan::HasTsan() || tsan::HasAsan() ? 200 : 2000;
  Model model = ShopModel();
  ProcessModel& process = *model.processes.front();
  Finding leak = LeakOf(model);
  leak.groups.clear();
  for (uint32_t group = 0; group < 50; ++group) {
    leak.groups.emplace_back();
    for (uint32_t i = 0; i < tasks_in_group; ++i) {
      EvidenceTask task = TaskOf(model, 4);
      task.task = 100 + group * tasks_in_group + i;
      if (i > 0) task.stacks.clear();
      wire::Task record = *process.FindTask(4);
      record.set_id(task.task);
      process.tasks.push_back(record);
      wire::TaskState state = *process.LastSnapshot()->Find(4);
      state.set_task(task.task);
      process.snapshots.back().tasks.push_back(state);
      leak.groups.back().tasks.push_back(std::move(task));
    }
  }
  process.Index();
  const std::clock_t start = std::clock();
  const std::string report = Report(model, {leak});
  const std::string overview = TaskOverview(model, ReportOptions{});
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  const std::string wait = " threads  blocked for 500 ms in pthread_cond_wait";
  EXPECT_THAT(report, HasSubstr(std::to_string(tasks_in_group) + wait));
  EXPECT_THAT(overview, HasSubstr(std::to_string(50 * tasks_in_group + 1) + wait));
  EXPECT_LT(seconds, kLimitSeconds);
  RecordProperty("seconds", std::to_string(seconds));
}

TEST(TaskOverviewTest, GroupsTasksThatDoTheSame) {
  const Model model = ShopModel(
      "task_state { task: 5 state: \"blocked\" wait_reason: \"pthread_cond_wait\" object: 3 stack: 4 wait_ns: "
      "400000000 }");
  const std::string overview = TaskOverview(model, ReportOptions{});
  EXPECT_THAT(overview, testing::StartsWith("5 tasks in cart_test (pid 4711), doing 4 different things\n"));
  EXPECT_THAT(overview, HasSubstr("   2 threads  blocked for 400 to 500 ms in pthread_cond_wait\n"
                                  "     tasks    T4 \"reader\" and T5\n"
                                  "     waits    on condition C3, first used at Queue::Pop (queue.cc:44)\n"
                                  "              main signalled it at main (main.cc:12)\n"
                                  "     at       Queue::Pop (queue.cc:44)\n"));
}

TEST(TaskOverviewTest, FramesBelowUserCodeDoNotSplitAGroup) {
  const Model model = ShopModel(
      "stack { id: 5 addresses: [0x7f0000001100, 0x401600, 0x7f0000001200] }"
      "task_state { task: 5 state: \"blocked\" wait_reason: \"pthread_cond_wait\" object: 3 stack: 5 }");
  EXPECT_THAT(TaskOverview(model, ReportOptions{}), HasSubstr("   2 threads  blocked"));
}

TEST(TaskOverviewTest, SaysWhoHoldsTheLock) {
  const Model model = ShopModel();
  EXPECT_THAT(TaskOverview(model, ReportOptions{}),
              HasSubstr("wants    mutex g_cart, held by T2 \"flusher\"\n"));
}

TEST(TextReportTest, KnownFindingsAreCountedAndNewOnesShown) {
  const Model model = ShopModel();
  std::vector<Finding> findings = {DeadlockOf(model), LeakOf(model)};
  findings[0].known = false;
  findings[1].known = true;
  const std::string report = Report(model, findings);
  EXPECT_THAT(report,
              HasSubstr("stray: 1 finding in cart_test (pid 4711): 1 deadlock. 1 finding is known (in the\n"
                        "       baseline).\n"));
  EXPECT_THAT(report, Not(HasSubstr("leak.blocked")));
  findings[0].known = true;
  EXPECT_THAT(Report(model, findings), testing::StartsWith("stray: no new findings in cart_test (pid 4711): "));
  EXPECT_EQ(InReportOrder(findings).size(), 0u);
}

TEST(TextReportTest, QuarantineAndLimitAreSaidBelowTheWords) {
  const Model model = ShopModel();
  Finding leak = LeakOf(model);
  leak.quarantine = Quarantine{"rules.supp:2: ticket 12", "2026-12-31", false};
  EXPECT_THAT(Report(model, {leak}),
              HasSubstr("\n   Quarantined up to 2026-12-31, fails nothing: rules.supp:2: ticket 12\n"));
  leak.quarantine->ran_out = true;
  leak.exceeded = "rules.supp:3 accepts at most 1 at one place (why), and here are 2";
  const std::string report = Report(model, {leak});
  EXPECT_THAT(report, HasSubstr("\n   Its quarantine ran out on 2026-12-31: rules.supp:2: ticket 12\n"));
  EXPECT_THAT(report, HasSubstr("\n   Not suppressed: rules.supp:3 accepts at most 1 at one place"));
}

}  // namespace
}  // namespace stray::analyzer
