// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/peers.h"

#include <gtest/gtest.h>

#include "analyzer/analysis/fate.h"
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

TEST(PeersTest, TheOtherSideIsListedWithTheLastOneFirst) {
  ProcessBuilder p;
  p.Main(1).Finished(2, "sender").Thread(3).Object(7, "channel");
  AddUse(p, 2, "send", 3, "Produce()");
  AddUse(p, 1, "send", 1);
  AddUse(p, 3, "receive", 5);
  const ProcessModel& process = p.Get();
  const std::vector<Peer> peers = PeerTable(process).Of("chan receive", 7);
  ASSERT_EQ(peers.size(), 2u);
  EXPECT_EQ(peers[0].task, 2u);
  EXPECT_EQ(peers[0].count, 3u);
  EXPECT_EQ(peers[0].did, "sent on it");
  EXPECT_FALSE(peers[0].at_least);
  EXPECT_EQ(PeerTable(process).OfAllSides(7).size(), 3u);
  EXPECT_TRUE(PeerTable(process).Of("chan receive", 99).empty());
}

TEST(PeersTest, OfThreadsTheRingsTellWhoHasWokenOthers) {
  ProcessBuilder p;
  p.Main(1).Finished(2).Thread(3).Object(7, "condition");
  const auto add = [&](uint32_t task, const char* kind, uint32_t sequence, const char* place) {
    wire::Event* event = p.task(task).add_events();
    event->set_kind(kind);
    event->set_object(7);
    event->set_sequence(sequence);
    *event->mutable_site() = p.SiteOf(place);
  };
  add(1, "signal", 1, "First");
  add(1, "signal", 2, "Second");
  add(1, "wait", 9, "Third");
  add(2, "broadcast", 5, "Stop");
  const ProcessModel& process = p.Get();
  const PeerTable table(process);
  const std::vector<Peer> peers = table.Of("pthread_cond_wait", 7);
  ASSERT_EQ(peers.size(), 2u);
  EXPECT_EQ(peers[0].task, 2u);
  EXPECT_TRUE(peers[0].last);
  EXPECT_EQ(peers[1].task, 1u);
  EXPECT_EQ(peers[1].count, 2u);
  EXPECT_TRUE(peers[1].at_least);
  EXPECT_FALSE(peers[1].last);
}

TEST(FateTest, SaysWhenATaskEndedOrWhereItIsBlocked) {
  ProcessBuilder p("request");
  p.Main(1).Running(1).Finished(2).Finished(3).Thread(4).Blocked(4, "sem_wait").Stack(4, {"Pop"});
  p.info().set_time_ns(5'000'000'000);
  p.task(2).set_end_ns(2'900'000'000);
  const ProcessModel& process = p.Get();
  const SnapshotModel* snapshot = process.LastSnapshot();
  EXPECT_EQ(FateClause(process, snapshot, 1), "");
  EXPECT_EQ(FateClause(process, snapshot, 2), "ended 2.1 s before the snapshot");
  EXPECT_EQ(FateClause(process, snapshot, 3), "has ended");
  EXPECT_EQ(FateClause(process, snapshot, 4), "is now blocked in sem_wait at Pop (app.cc:3)");
  EXPECT_EQ(FateClause(process, nullptr, 2), "has ended");
  EXPECT_EQ(EndedBefore(process, snapshot, 2), std::optional<uint64_t>(2'100'000'000));
  EXPECT_EQ(EndedBefore(process, snapshot, 4), std::nullopt);
}

}  // namespace
}  // namespace stray::analyzer
