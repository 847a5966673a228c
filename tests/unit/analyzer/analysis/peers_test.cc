// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/peers.h"

#include <gtest/gtest.h>

#include "tests/unit/analyzer/analysis/process_builder.h"

namespace stray::analyzer {
namespace {

void AddUse(ProcessBuilder& p, uint32_t task, const char* side, uint64_t count,
            const std::string& function = "") {
  wire::Use* use = p.object(7).add_uses();
  use->set_task(task);
  use->set_side(side);
  use->set_count(count);
  if (!function.empty()) *use->mutable_site() = p.SiteOf(function);
}

TEST(PeersTest, TheLastOneOfTheOtherSideIsNamedWithItsPlaceIfItWasThereOnce) {
  ProcessBuilder p;
  p.Main(1).Finished(2, "sender").Thread(3).Object(7, "channel");
  AddUse(p, 3, "receive", 5);
  AddUse(p, 2, "send", 1, "Produce()");
  AddUse(p, 1, "send", 9, "Start()");
  const ProcessModel& process = p.Get();
  EXPECT_EQ(LastPeerSentence(process, "chan receive", 7),
            " The last one that sent on it was T2 \"sender\" at Produce (app.cc:1), which has ended since.");
  EXPECT_EQ(LastPeerSentence(process, "chan send", 7), " The last one that received from it was T3.");
}

TEST(PeersTest, NobodyIsSaidOnlyIfAllUsesAreKnown) {
  ProcessBuilder p;
  p.Main(1).Object(7, "condition");
  AddUse(p, 1, "wait", 1);
  EXPECT_EQ(LastPeerSentence(p.Get(), "sync.Cond.Wait", 7), " Nobody has signalled it so far.");
  p.object(7).set_other_uses(3);
  EXPECT_EQ(LastPeerSentence(p.Get(), "sync.Cond.Wait", 7), "");
}

TEST(PeersTest, NothingIsSaidWhereNothingWasKept) {
  ProcessBuilder p;
  p.Main(1).Object(7, "wait group").Mutex(8);
  EXPECT_EQ(LastPeerSentence(p.Get(), "sync.WaitGroup.Wait", 7), "");
  EXPECT_EQ(LastPeerSentence(p.Get(), "sync.Mutex.Lock", 8), "");
  EXPECT_EQ(LastPeerSentence(p.Get(), "semacquire", 0), "");
}

}  // namespace
}  // namespace stray::analyzer
