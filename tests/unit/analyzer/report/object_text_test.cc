// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/object_text.h"

#include <gtest/gtest.h>

#include "analyzer/report/task_report.h"
#include "tests/unit/analyzer/report/report_fixture.h"

namespace stray::analyzer {
namespace {

std::string ReportOf(const Model& model, uint32_t object) {
  const ProcessModel& process = *model.processes.front();
  return ObjectReport(process, *process.LastSnapshot(), object, {});
}

TEST(ObjectTextTest, ALockHasItsHolderAndItsQueue) {
  EXPECT_EQ(ReportOf(ShopModel(), 1),
            R"(   mutex g_cart  held by T2 "flusher"
     holder   T2 "flusher", which took it at Cart::Flush (cart.cc:81); is now
              blocked in pthread_mutex_lock at Ledger::Append (ledger.cc:40)
     waits    1 task, the longest for 2.0 s
              T3 "writer" 2.0 s pthread_mutex_lock at Cart::Total (cart.cc:103)

objects
   g_cart  mutex at 0x404100, first locked at Cart::Flush (cart.cc:81)
)");
}

TEST(ObjectTextTest, AChannelHasItsUsers) {
  const Model model = ShopModel(R"(
object { id: 9 kind: "channel" address: 0x7f90 capacity: 10 length: 3 created_by: 1 create_stack: 3
  uses { task: 4 side: "receive" count: 3 site { address: 0x401600 } last: true } other_uses: 7 }
)");
  EXPECT_EQ(ReportOf(model, 9),
            R"(   channel Ch9  3 of 10 queued
     waits    nobody
     users    T4 "reader" received from it 3 times, first at
              Queue::Pop (queue.cc:44); is now blocked in pthread_cond_wait at
              Queue::Pop (queue.cc:44)
              and others, 7 times in sum
     made     by main at main (main.cc:12)

objects
   Ch9  channel at 0x7f90
)");
}

TEST(ObjectTextTest, OneThatIsNotThere) {
  EXPECT_EQ(ReportOf(ShopModel(), 77), "   an object that was not recorded\n");
}

TEST(TaskReportTest, ATaskHasItsStacksAndObjects) {
  const Model model = ShopModel();
  const ProcessModel& process = *model.processes.front();
  ReportOptions options;
  options.source_lines = false;
  EXPECT_EQ(TaskReport(process, *process.LastSnapshot(), 2, options),
            R"(   T2 "flusher"  blocked for 2.1 s in pthread_mutex_lock
     holds    mutex g_cart, taken at Cart::Flush (cart.cc:81)
     wants    mutex M2, first locked at Ledger::Post (ledger.cc:22), held by
              T3 "writer"
     at       Ledger::Append  src/ledger.cc:40
              Cart::Flush     src/cart.cc:81
     started  by main at main (main.cc:12)

objects
   g_cart  mutex at 0x404100, first locked at Cart::Flush (cart.cc:81)
   M2      mutex at 0x7f10, first locked at Ledger::Post (ledger.cc:22)
)");
  EXPECT_EQ(TaskReport(process, *process.LastSnapshot(), 77, options), "T77 is not in this snapshot\n");
}

}  // namespace
}  // namespace stray::analyzer
