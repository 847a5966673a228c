// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/labels.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <thread>

#include "instrumentation/runtime/thread_state.h"
#include "stray/channel.h"
#include "stray/go.h"
#include "stray/labels.h"
#include "tests/unit/instrumentation/runtime/goroutines.h"

namespace stray {
namespace {

// The labels of the calling task, as "key=value;".
std::string Own() {
  const runtime::Task* task = runtime::Self()->task;
  if (task == nullptr || task->record.labels == nullptr) return "";
  const auto* labels = task->record.labels;
  std::string text(reinterpret_cast<const char*>(labels + 1), labels->size);
  for (char& c : text) c = c == bridge::kLabelValue ? '=' : c == bridge::kLabelEnd ? ';' : c;
  return text;
}

std::string OfNewGoroutine() {
  auto labels = MakeChan<std::string>();
  Go([labels] { labels.Send(Own()); });
  return *labels.Recv();
}

TEST(LabelsTest, StandWhileTheFunctionRunsAndReturnItsResult) {
  EXPECT_EQ(WithLabels({{"request", "7"}}, [] { return Own(); }), "request=7;");
  EXPECT_EQ(Own(), "");
}

TEST(LabelsTest, InnerOnesAddToAndReplaceOuterOnes) {
  WithLabels({{"request", "7"}, {"user", "ann"}}, [] {
    WithLabels({{"user", "bob"}, {"try", "2"}}, [] { EXPECT_EQ(Own(), "request=7;user=bob;try=2;"); });
    EXPECT_EQ(Own(), "request=7;user=ann;");
  });
}

TEST(LabelsTest, AreInheritedAsTheyWereAtTheStart) {
  auto go_on = MakeChan<int>();
  auto later = MakeChan<std::string>();
  WithLabels({{"request", "7"}}, [&] {
    EXPECT_EQ(OfNewGoroutine(), "request=7;");
    Go([go_on, later] {
      go_on.Recv();
      later.Send(OfNewGoroutine());
    });
  });
  EXPECT_EQ(OfNewGoroutine(), "");
  go_on.Send(1);
  EXPECT_EQ(*later.Recv(), "request=7;");
}

TEST(LabelsTest, GoWithAnException) {
  EXPECT_THROW(WithLabels({{"request", "7"}}, []() -> int { throw std::runtime_error("no"); }),
               std::runtime_error);
  EXPECT_EQ(Own(), "");
}

TEST(LabelsTest, AreOfThreadsToo) {
  std::thread thread([] {
    WithLabels({{"thread", "own"}}, [] { EXPECT_EQ(OfNewGoroutine(), "thread=own;"); });
    EXPECT_EQ(Own(), "");
  });
  thread.join();
}

TEST(LabelsTest, WhatReadersTakeForBordersIsReplaced) {
  WithLabels({{"a\x1f", std::string_view("b\x1e\0c", 4)}}, [] { EXPECT_EQ(Own(), "a =b  c;"); });
}

TEST(LabelsTest, WhatIsTooMuchIsLeftOutWhole) {
  const std::string large(3000, 'x');
  WithLabels({{"a", large}, {"b", large}, {"c", "small"}},
             [&] { EXPECT_EQ(Own(), "a=" + large + ";c=small;"); });
}

}  // namespace
}  // namespace stray
