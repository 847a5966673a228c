// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/describe.h"

#include <gtest/gtest.h>

#include "tests/unit/analyzer/analysis/process_builder.h"

namespace stray::analyzer {
namespace {

TEST(DescribeTest, TasksAreCalledMainOrByNumberAndName) {
  ProcessBuilder p;
  p.Main(1).Thread(2, "flusher").Thread(3).Thread(4, "app").Thread(5);
  p.task(5).set_kind("goroutine");
  const ProcessModel& process = p.Get();
  EXPECT_EQ(TaskLabel(process, 1), "main");
  EXPECT_EQ(TaskLabel(process, 2), "T2 \"flusher\"");
  EXPECT_EQ(TaskLabel(process, 3), "T3");
  EXPECT_EQ(TaskLabel(process, 4), "T4") << "the name of the program is inherited and says nothing";
  EXPECT_EQ(TaskLabel(process, 5), "G5");
  EXPECT_EQ(TaskLabel(process, 99), "T99");
  EXPECT_EQ(TaskLabel(process, (1u << 30) + 7), "G7") << "goroutines are numbered from 2^30";
}

TEST(DescribeTest, LongListsOfTasksAreCut) {
  ProcessBuilder p;
  p.Main(1);
  const ProcessModel& process = p.Get();
  EXPECT_EQ(TaskList(process, {1, 2, 3}), "main, T2 and T3");
  EXPECT_EQ(TaskList(process, {1, 2, 3, 4, 5, 6}), "main, T2, T3 and 3 more");
}

TEST(DescribeTest, ObjectsAreCalledByNameOrByTheirNumber) {
  ProcessBuilder p;
  p.Mutex(1, "Cart::mu").Mutex(2).Object(3, "condition").Mutex(4, "twice").Mutex(5, "twice").Object(6, "");
  *p.object(2).mutable_first_site() = p.SiteOf("Cart::Flush()");
  const ProcessModel& process = p.Get();
  EXPECT_EQ(ObjectLabel(process, 1), "mutex Cart::mu");
  EXPECT_EQ(ObjectLabel(process, 2), "mutex M2");
  EXPECT_EQ(ObjectLabel(process, 3), "condition C3");
  EXPECT_EQ(ObjectLabel(process, 4), "mutex M4") << "a name that several bear tells none of them";
  EXPECT_EQ(ObjectLabel(process, 6), "object X6");
  EXPECT_EQ(ObjectLabel(process, 99), "something that was not recorded");
}

TEST(DescribeTest, NumbersAgreeWithTheirNouns) {
  EXPECT_EQ(Counted(1, "thread"), "1 thread");
  EXPECT_EQ(Counted(38, "thread"), "38 threads");
  EXPECT_EQ(Counted(2, "mutex"), "2 mutexes");
  EXPECT_EQ(JoinedWithAnd({"a"}), "a");
  EXPECT_EQ(JoinedWithAnd({"a", "b", "c"}), "a, b and c");
}

TEST(DescribeTest, MixedTasksAreTasks) {
  ProcessBuilder p;
  p.Main(1).Thread(2).Thread(3);
  p.task(3).set_kind("goroutine");
  const ProcessModel& process = p.Get();
  EXPECT_EQ(TaskNoun(process, {1, 2}), "thread");
  EXPECT_EQ(TaskNoun(process, {3}), "goroutine");
  EXPECT_EQ(TaskNoun(process, {1, 3}), "task");
}

}  // namespace
}  // namespace stray::analyzer
