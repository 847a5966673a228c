// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/analyzer/analysis/process_builder.h"

namespace stray::analyzer {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// "claim | line | line (2)": one string for each step.
std::vector<std::string> StepsOf(const Proof& proof) {
  std::vector<std::string> steps;
  for (const ProofStep& step : proof.steps) {
    std::string text = step.claim;
    for (const ProofLine& line : step.lines) {
      absl::StrAppend(&text, " | ", line.text, line.step == 0 ? "" : absl::StrCat(" (", line.step, ")"));
    }
    steps.push_back(std::move(text));
  }
  return steps;
}

std::vector<std::string> EdgesOf(const Proof& proof) {
  std::vector<std::string> edges;
  for (const DiagramEdge& edge : proof.diagram.edges()) {
    edges.push_back(absl::StrCat(proof.diagram.nodes()[edge.from].id, edge.dead ? " .. " : " -- ", edge.label,
                                 " > ", proof.diagram.nodes()[edge.to].id));
  }
  return edges;
}

Mark MarkOf(const Proof& proof, const std::string& id) {
  for (const DiagramNode& node : proof.diagram.nodes()) {
    if (node.id == id) return node.mark;
  }
  ADD_FAILURE() << "no node " << id;
  return Mark::kPlain;
}

Proof ProofOfFirst(ProcessBuilder& p, const std::string& id) {
  for (const Finding& finding : p.Findings()) {
    if (finding.id == id) return Prove(finding);
  }
  ADD_FAILURE() << "no finding " << id;
  return {};
}

TEST(ProofTest, ACircleIsFollowedUntilItCloses) {
  ProcessBuilder p("request");
  p.Mutex(1, "a").Mutex(2, "b").Main(1).Thread(2).Thread(3).Running(1);
  p.Blocked(2, "pthread_mutex_lock", 2).Stack(2, {"First"}).Holds(2, 1);
  p.Blocked(3, "pthread_mutex_lock", 1).Stack(3, {"Second"}).Holds(3, 2);
  const Proof proof = ProofOfFirst(p, "deadlock.cycle");
  EXPECT_THAT(
      StepsOf(proof),
      ElementsAre(AllOf(HasSubstr("T2 waits for mutex b at First"), HasSubstr(", for 1.0 s now."),
                        HasSubstr("T3 locked it at Lock2"),
                        HasSubstr("and only a holder releases a lock. It is blocked for ever itself. (2)")),
                  AllOf(HasSubstr("T3 waits for mutex a at Second"), HasSubstr("T2 locked it at Lock1"),
                        HasSubstr("(1)"))));
  EXPECT_THAT(proof.conclusion,
              HasSubstr("T2 needs T3 (step 1) and T3 needs T2 (step 2): the circle is closed."));
  EXPECT_THAT(EdgesOf(proof),
              ElementsAre("t2 -- waits > o2", "t3 .. holds > o2", "t3 -- waits > o1", "t2 .. holds > o1"));
  EXPECT_EQ(MarkOf(proof, "t2"), Mark::kStuck);
}

TEST(ProofTest, EachTaskHasOneStepHoweverManyWaitForIt) {
  ProcessBuilder p("exit");
  p.Main(1)
      .Ender(1)
      .Thread(2)
      .Blocked(2, "sem_wait")
      .Thread(3)
      .Joins(3, 2)
      .Thread(4)
      .Joins(4, 3)
      .Thread(5)
      .Joins(5, 3);
  const std::vector<Finding> findings = p.Findings();
  const Proof proof = Prove(findings[0]);
  std::vector<uint32_t> tasks;
  for (const ProofStep& step : proof.steps) tasks.push_back(step.task);
  EXPECT_THAT(tasks, ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(StepsOf(proof)[0], HasSubstr("Who can reach it is not known (--prove tells)"));
  EXPECT_THAT(StepsOf(proof)[1],
              HasSubstr("Only the end of T2 can end it. It is blocked for ever itself. (1)"));
}

TEST(ProofTest, AnEndedHolderIsNamedWithTheTimeAndThePlace) {
  ProcessBuilder p("request");
  p.Mutex(1, "mu").Main(1).Running(1).Finished(2, "careless").Thread(3).Blocked(3, "pthread_mutex_lock", 1);
  *p.AddMisuse("ended-holding", 2, 1, "Worker").mutable_other_site() = p.SiteOf("Take");
  p.info().set_time_ns(9'000'000'000);
  p.task(2).set_end_ns(6'900'000'000);
  const Proof proof = ProofOfFirst(p, "leak.blocked");
  EXPECT_THAT(StepsOf(proof)[0], HasSubstr("T2 \"careless\" locked it at Take (app.cc:"));
  EXPECT_THAT(StepsOf(proof)[0],
              HasSubstr("and ended 2.1 s before the snapshot without unlocking it. Only the holder"));
  EXPECT_THAT(EdgesOf(proof), Contains("t2 .. held, ended > o1"));
  EXPECT_EQ(MarkOf(proof, "t2"), Mark::kEnded);
}

TEST(ProofTest, AWaitThatSomebodyCouldEndSaysWho) {
  ProcessBuilder p("exit");
  p.Object(1, "condition", "work").Main(1).Ender(1).Thread(2).Blocked(2, "pthread_cond_wait", 1);
  p.Thread(3, "poller").Blocked(3, "nanosleep");
  for (const Finding& finding : p.Findings()) {
    if (finding.groups[0].tasks[0].task != 2) continue;
    const Proof proof = Prove(finding);
    EXPECT_THAT(StepsOf(proof)[0], HasSubstr("T3 \"poller\" goes on: it sleeps in nanosleep"));
    EXPECT_THAT(proof.conclusion, HasSubstr("nothing proves that it was stuck"));
    EXPECT_THAT(EdgesOf(proof), Contains("t3 -- could wake > o1"));
    EXPECT_EQ(MarkOf(proof, "t3"), Mark::kLive);
    return;
  }
  FAIL() << "no finding about T2";
}

TEST(ProofTest, WhoHasUsedTheOtherSideIsListedWithWhatBecameOfIt) {
  ProcessBuilder p("exit");
  p.Object(7, "channel", "prices")
      .Main(1)
      .Ender(1)
      .Finished(2, "consumer")
      .Thread(3)
      .Blocked(3, "chan send", 7);
  wire::Use* use = p.object(7).add_uses();
  use->set_task(2);
  use->set_side("receive");
  use->set_count(3);
  *use->mutable_site() = p.SiteOf("Consume");
  p.object(7).set_other_uses(4);
  const Proof proof = ProofOfFirst(p, "leak.blocked");
  EXPECT_THAT(StepsOf(proof)[0], HasSubstr("T2 \"consumer\" has received from it 3 times, first at Consume"));
  EXPECT_THAT(StepsOf(proof)[0], HasSubstr("It has ended."));
  EXPECT_THAT(StepsOf(proof)[0],
              HasSubstr("4 more operations on channel prices were by tasks that are not kept"));
  EXPECT_THAT(EdgesOf(proof), Contains("t2 .. ended > o7"));
}

// T2 waits for a channel that only `tasks` can reach; T3 for what never comes, main goes on.
std::vector<std::string> StepsIfReachedBy(const std::vector<uint32_t>& tasks) {
  ProcessBuilder p("request");
  p.Object(7, "channel", "jobs").Main(1).Running(1).Thread(2).Blocked(2, "chan receive", 7);
  p.Thread(3).Blocked(3, "chan receive (nil chan)");
  p.object(7).set_address(0x700);
  p.state(2).set_address(0x700);
  p.info().set_reach("complete");
  for (uint32_t task : tasks) {
    wire::ReachEdge& edge = p.raw().snapshots.back().reach.emplace_back();
    edge.set_task(task);
    edge.set_to_address(0x700);
  }
  return StepsOf(ProofOfFirst(p, "leak.blocked"));
}

TEST(ProofTest, WithTheFactsOfProveOnlyThoseThatReachItAreAsked) {
  EXPECT_THAT(StepsIfReachedBy({2}),
              ElementsAre(HasSubstr("No other task that is left can reach it any more")));
  EXPECT_THAT(
      StepsIfReachedBy({2, 3}),
      ElementsAre(
          HasSubstr("T3 can reach it. It is blocked for ever itself. (2) | No other task can reach it."),
          HasSubstr("T3 waits in chan receive (nil chan)")));
}

TEST(ProofTest, TheConsequencesOfALeakHaveNoStepsUnlessTheyMatter) {
  ProcessBuilder p("request");
  p.Object(1, "channel").Mutex(2, "mu").Main(1).Running(1);
  p.Thread(2).Blocked(2, "chan send (nil chan)").Holds(2, 2).Thread(3).Blocked(3, "pthread_mutex_lock", 2);
  const Proof proof = ProofOfFirst(p, "leak.blocked");
  ASSERT_EQ(proof.steps.size(), 1u);
  EXPECT_THAT(StepsOf(proof)[0], HasSubstr("No task, no timer and nothing outside can ever end such a wait."));
  EXPECT_THAT(EdgesOf(proof), Contains("t2 .. holds > o2"));
  EXPECT_THAT(EdgesOf(proof), Contains("t3 -- waits > o2"));
}

TEST(ProofTest, VeryManyStepsAreCut) {
  ProcessBuilder p("exit");
  p.Main(1).Ender(1).Thread(2).Joins(2, 3);
  for (uint32_t id = 3; id < 200; ++id) p.Thread(id).Joins(id, id + 1).Stack(id, {absl::StrCat("F", id)});
  p.Thread(200).Blocked(200, "sem_wait");
  const std::vector<Finding> findings = p.Findings();
  ASSERT_EQ(findings.size(), 1u);
  const Proof proof = Prove(findings[0]);
  EXPECT_LE(proof.steps.size(), 40u);
  EXPECT_FALSE(proof.conclusion.empty());
}

TEST(ProofTest, OrdersOfLocksAreToldWithBothPlacesAndWhatDoesNotKeepThemApart) {
  ProcessBuilder p("exit");
  p.Mutex(1, "a").Mutex(2, "b").Main(1).Ender(1).Finished(2).Finished(3);
  p.task(2).set_create_life(1);
  p.task(3).set_create_life(2);
  for (uint32_t task : {2u, 3u}) {
    wire::LockChain& chain = p.raw().lock_chains.emplace_back();
    for (uint32_t i : {0u, 1u}) {
      wire::Held* entry = chain.add_entries();
      entry->set_object((task == 2) == (i == 0) ? 1 : 2);
      *entry->mutable_site() = p.SiteOf(absl::StrCat("Lock", task, i));
    }
    wire::Sighting* sighting = chain.add_sightings();
    sighting->set_task(task);
    sighting->set_first_life(3);
    sighting->set_last_life(3);
    chain.set_sighting_count(1);
  }
  const Proof proof = ProofOfFirst(p, "lock-order.cycle");
  const std::vector<std::string> steps = StepsOf(proof);
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_THAT(steps[0], AllOf(HasSubstr("T2 locked mutex b at Lock21"),
                              HasSubstr("It held mutex a at that time: taken at Lock20")));
  EXPECT_THAT(steps[1], AllOf(HasSubstr("T3 locked mutex a at Lock31"),
                              HasSubstr("It held mutex b at that time: taken at Lock30")));
  EXPECT_THAT(steps[2], HasSubstr("No lock was held in two of these steps"));
  EXPECT_THAT(EdgesOf(proof),
              ElementsAre("t2 -- wants > o2", "t2 -- holds > o1", "t3 -- wants > o1", "t3 -- holds > o2"));
}

TEST(ProofTest, AnUnjoinedThreadEndedAtAKnownTime) {
  ProcessBuilder p("exit");
  p.Main(1).Ender(1).Finished(2, "worker").CreatedAt(2, {"Start"});
  p.task(2).set_parent(1);
  p.info().set_time_ns(5'000'000'000);
  p.task(2).set_end_ns(4'970'000'000);
  const Proof proof = ProofOfFirst(p, "leak.unjoined");
  EXPECT_THAT(StepsOf(proof), ElementsAre(AllOf(HasSubstr("T2 \"worker\" ended 30 ms before the program did."),
                                                HasSubstr("It was started by main at Start"))));
}

TEST(ProofTest, MisuseNamesTheCallAndTheOtherParty) {
  ProcessBuilder p("exit");
  p.Mutex(1, "mu").Main(1).Ender(1).Thread(2).Running(2);
  wire::Misuse& misuse = p.AddMisuse("unlock-not-owner", 1, 1, "Release");
  misuse.set_other_task(2);
  *misuse.mutable_other_site() = p.SiteOf("Take");
  const Proof proof = ProofOfFirst(p, "sync.misuse");
  EXPECT_THAT(StepsOf(proof),
              ElementsAre(HasSubstr("Main made the call at Release"), HasSubstr("T2 had taken it at Take")));
  EXPECT_THAT(proof.conclusion, HasSubstr("forbid"));
}

}  // namespace
}  // namespace stray::analyzer
