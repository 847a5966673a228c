// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/adopt_reports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "agent/wire/goroutine_records.h"

namespace stray::analyzer {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kReport[] = R"(==================
WARNING: ThreadSanitizer: data race (pid=4711)
  Write of size 4 at 0x00000040 by thread T2 (mutexes: write M0):
    #0 Write() /src/app.cc:7:3 (app+0x1234)

  Previous write of size 4 at 0x00000040 by thread T3:
    #0 Write() /src/app.cc:7:3 (app+0x1234)

  Mutex M0 (0x7b0000000010) created at:
    #0 pthread_mutex_lock <null> (app+0x99)
    #1 Begin() /src/app.cc:3:1 (app+0x1200)

  Thread T2 'worker' (tid=4713, running) created by main thread at:
    #0 pthread_create <null> (app+0x88)
    #1 main /src/app.cc:20:1 (app+0x1300)

  Thread T3 'goroutine 9 "reader"' (tid=0, running) created by thread T2 at:
    #0 Start() /src/app.cc:11:1 (app+0x1280)

SUMMARY: ThreadSanitizer: data race /src/app.cc:7:3 in Write()
==================
)";

class AdoptReportsTest : public testing::Test {
 protected:
  AdoptReportsTest() {
    AddTask(1, "thread", 4711).set_main(true);
    AddTask(2, "thread", 4713).set_finished(true);  // the kernel has used its number again
    AddTask(5, "thread", 4713);
    AddTask(box::kFirstGoroutine + 9, "goroutine", 0).set_create_stack(1);
    process_.stacks.emplace_back().set_id(1);
    wire::Object& mutex = process_.objects.emplace_back();
    mutex.set_id(3);
    mutex.set_kind("mutex");
    mutex.set_address(0x7b0000000010);
    mutex.set_name("Cart::mu");
  }

  wire::Task& AddTask(uint32_t id, const char* kind, int32_t tid) {
    wire::Task& task = process_.tasks.emplace_back();
    task.set_id(id);
    task.set_kind(kind);
    task.set_tid(tid);
    return task;
  }

  void Adopt(absl::string_view text) {
    AdoptPrints(text, {}, "4711.0.box", process_, damage_);
    process_.Index();
  }

  ProcessModel process_;
  std::vector<std::string> damage_;
};

TEST_F(AdoptReportsTest, ThreadsAreKnownByTheirKernelIdAndGoroutinesByTheNameOfTheirFiber) {
  Adopt(kReport);
  EXPECT_THAT(damage_, IsEmpty());
  ASSERT_THAT(process_.sanitizer_reports, SizeIs(1));
  const wire::SanitizerReport& report = process_.sanitizer_reports[0];
  ASSERT_EQ(report.accesses_size(), 2);
  EXPECT_EQ(report.accesses(0).task(), 5u);
  EXPECT_EQ(report.accesses(1).task(), box::kFirstGoroutine + 9);
  EXPECT_THAT(process_.tasks, SizeIs(4));
  EXPECT_EQ(process_.FindTask(5)->name(), "worker");
  EXPECT_EQ(process_.FindTask(box::kFirstGoroutine + 9)->name(), "reader");
  EXPECT_EQ(process_.FindTask(box::kFirstGoroutine + 9)->create_stack(), 1u) << "the agent's is the whole one";
}

TEST_F(AdoptReportsTest, AMutexIsTheOneThatTheAgentKnowsAtItsAddress) {
  Adopt(kReport);
  ASSERT_THAT(process_.sanitizer_reports, SizeIs(1));
  ASSERT_EQ(process_.sanitizer_reports[0].accesses(0).held_size(), 1);
  EXPECT_EQ(process_.sanitizer_reports[0].accesses(0).held(0).object(), 3u);
  EXPECT_THAT(process_.objects, SizeIs(1));
}

TEST_F(AdoptReportsTest, WhatTheAgentKnewOfTasksGoesToTheReportThatNamesThem) {
  const std::string two = std::string(kReport) + kReport;
  const auto lines = static_cast<size_t>(std::count(two.begin(), two.end(), '\n'));
  std::vector<TaskHistory> histories(3);
  histories[0].line = 3;
  histories[0].task.set_task(5);
  histories[1].line = lines / 2 + 3;
  histories[1].task.set_task(5);
  histories[1].task.add_held()->set_object(3);
  histories[2].line = lines / 2 + 4;
  histories[2].task.set_task(1);  // has no part in it
  AdoptPrints(two, histories, "4711.0.box", process_, damage_);
  ASSERT_THAT(process_.sanitizer_reports, SizeIs(2));
  ASSERT_EQ(process_.sanitizer_reports[0].task_histories_size(), 1);
  EXPECT_EQ(process_.sanitizer_reports[0].task_histories(0).held_size(), 0);
  ASSERT_EQ(process_.sanitizer_reports[1].task_histories_size(), 1);
  EXPECT_EQ(process_.sanitizer_reports[1].task_histories(0).held_size(), 1);
}

TEST_F(AdoptReportsTest, LocksOfTheRuntimeAreThoseThatTheAgentKnowsOfTheGoroutineThatWasCaught) {
  std::string text = kReport;
  text.replace(text.find("thread T2 (mutexes: write M0)"), 29, "thread T3");
  text.replace(text.find("by thread T3:", text.find("Previous")), 13, "by thread T2:");
  std::vector<TaskHistory> histories(2);
  histories[0].line = histories[1].line = 3;
  histories[0].task.set_task(box::kFirstGoroutine + 9);
  histories[0].task.add_held()->set_object(3);
  histories[1].task.set_task(5);  // may have given back what it held when it wrote, and taken another
  histories[1].task.add_held()->set_object(3);
  AdoptPrints(text, histories, "4711.0.box", process_, damage_);
  ASSERT_THAT(process_.sanitizer_reports, SizeIs(1));
  const wire::SanitizerReport& report = process_.sanitizer_reports[0];
  EXPECT_TRUE(report.locks_unknown());
  ASSERT_EQ(report.accesses_size(), 2);
  ASSERT_EQ(report.accesses(0).held_size(), 1);
  EXPECT_EQ(report.accesses(0).held(0).object(), 3u);
  EXPECT_EQ(report.accesses(1).held_size(), 0);
}

TEST_F(AdoptReportsTest, StacksKeepTheirFramesUnderNewNumbers) {
  Adopt(kReport);
  ASSERT_THAT(process_.sanitizer_reports, SizeIs(1));
  const wire::Stack* stack = process_.FindStack(process_.sanitizer_reports[0].accesses(0).stack());
  ASSERT_NE(stack, nullptr);
  EXPECT_NE(stack->id(), 1u);
  ASSERT_EQ(stack->addresses_size(), 1);
  const wire::Frame* frame = process_.FrameAt(stack->addresses(0));
  ASSERT_NE(frame, nullptr);
  EXPECT_EQ(frame->locations(0).function(), "Write()");
}

TEST_F(AdoptReportsTest, TasksThatTheAgentHasForgottenAreAdded) {
  process_.tasks.resize(1);
  Adopt(kReport);
  ASSERT_THAT(process_.sanitizer_reports, SizeIs(1));
  EXPECT_THAT(process_.tasks, SizeIs(3));
  const wire::Task* worker = process_.FindTask(process_.sanitizer_reports[0].accesses(0).task());
  ASSERT_NE(worker, nullptr);
  EXPECT_EQ(worker->tid(), 4713);
  EXPECT_EQ(worker->parent(), 1u);
  EXPECT_NE(worker->create_stack(), 0u);
}

TEST_F(AdoptReportsTest, ACreatorThatIsOnlyMentionedIsNoTask) {
  process_.tasks.resize(1);
  std::string text = kReport;
  text.replace(text.find("created by thread T2"), 20, "created by thread T7");
  Adopt(text);
  const wire::Task* reader = process_.FindTask(box::kFirstGoroutine + 9);
  ASSERT_NE(reader, nullptr);
  EXPECT_EQ(reader->parent(), 0u);
  EXPECT_THAT(process_.tasks, SizeIs(3));
}

TEST_F(AdoptReportsTest, WhatAnotherSanitizerPrintsIsNoReportOfARace) {
  Adopt("==4711==ERROR: AddressSanitizer: heap-use-after-free on address 0x10\n");
  EXPECT_THAT(process_.sanitizer_reports, IsEmpty());
  EXPECT_THAT(damage_, IsEmpty());
}

TEST_F(AdoptReportsTest, WhatAForkedChildCountsOfItsParentIsNotMissing) {
  Adopt("ThreadSanitizer: reported 1 warnings\n");
  EXPECT_THAT(process_.sanitizer_reports, IsEmpty());
  EXPECT_THAT(damage_, IsEmpty());
}

TEST_F(AdoptReportsTest, AReportThatIsCutIsSaid) {
  Adopt(absl::string_view(kReport).substr(0, 150));
  EXPECT_THAT(damage_, testing::Not(IsEmpty()));
}

}  // namespace
}  // namespace stray::analyzer
