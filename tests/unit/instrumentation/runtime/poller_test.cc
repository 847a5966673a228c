// SPDX-License-Identifier: Apache-2.0
// The poller, and who watches it.
#include "instrumentation/runtime/poller.h"

#include <errno.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "instrumentation/runtime/kernel.h"
#include "tests/support/parked.h"

namespace stray::runtime {
namespace {

// The watcher may sleep far from the poller when the first task waits for a descriptor.
TEST(PollerTest, FirstWaitForADescriptorIsWatched) {
  for (int i = 0; i < 50; ++i) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    auto done = MakeChan<int>(1);
    InGoroutine([] {});  // then nobody has anything to do
    Go([=] { done.Send(Poller::WaitFor(ends[0], false, kNever)); });
    AwaitParked(WaitReason::kIoWait, reinterpret_cast<const void*>(static_cast<long>(ends[0])));
    ASSERT_EQ(write(ends[1], "x", 1), 1);
    ASSERT_EQ(done.Recv(), 0);
    close(ends[0]);
    close(ends[1]);
  }
}

TEST(PollerTest, SeveralTasksMayWaitForOneDescriptor) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  auto done = MakeChan<int>(3);
  for (int i = 0; i < 3; ++i) Go([=] { done.Send(Poller::WaitFor(ends[0], false, kNever)); });
  AwaitParked(WaitReason::kIoWait, reinterpret_cast<const void*>(static_cast<long>(ends[0])), 3);
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(done.Recv(), 0);
  EXPECT_EQ(Poller::WaitFor(ends[0], true, Now() + 1'000'000), ETIMEDOUT);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace stray::runtime
