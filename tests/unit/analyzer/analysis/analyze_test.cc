// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/analyze.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "analyzer/analysis/signature.h"
#include "tests/unit/analyzer/analysis/process_builder.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(AnalyzeTest, TheMostImportantFindingsComeFirst) {
  ProcessBuilder p("exit");
  p.Main(1).Ender(1).Mutex(1).Mutex(2).Mutex(3).Mutex(4);
  for (uint32_t id = 2; id < 7; ++id) p.Thread(id).Life(id, 1, id);
  p.Finished(8);
  p.AddMisuse("unlock-not-locked", 6, 4, "Leave");
  p.Chain({{3}, {4}}, {4}, 4);
  p.Chain({{4}, {3}}, {5}, 5);
  p.Running(5).Blocked(6, "read").Blocked(4, "chan receive (nil chan)");
  p.Blocked(2, "pthread_mutex_lock", 2).Holds(2, 1).Blocked(3, "pthread_mutex_lock", 1).Holds(3, 2);
  std::vector<std::string> ids;
  for (const Finding& finding : p.Findings()) ids.push_back(finding.id);
  EXPECT_THAT(ids, ElementsAre("deadlock.cycle", "leak.blocked", "leak.unjoined", "leak.alive", "leak.alive",
                               "lock-order.cycle", "sync.misuse"));
}

TEST(AnalyzeTest, FindingsOfSeveralProcessesAreSortedTogetherAndKnowTheirProcess) {
  Model model;
  for (const char* reason : {"exit", "hang"}) {
    auto process = std::make_unique<ProcessModel>();
    process->snapshots.emplace_back().info.set_reason(reason);
    wire::Task& task = process->tasks.emplace_back();
    task.set_id(2);
    wire::TaskState& state = process->snapshots[0].tasks.emplace_back();
    state.set_task(2);
    state.set_state("blocked");
    state.set_wait_reason("sem_wait");
    process->Index();
    model.processes.push_back(std::move(process));
  }
  const std::vector<Finding> findings = Analyze(model);
  ASSERT_THAT(Summaries(findings), ElementsAre("deadlock.all x1 T2", "leak.blocked x1 T2"));
  EXPECT_EQ(findings[0].process, model.processes[1].get());
  EXPECT_EQ(findings[1].process, model.processes[0].get());
}

TEST(AnalyzeTest, AProcessWithoutSnapshotStillGivesLockOrdersAndMisuse) {
  ProcessBuilder p;
  p.NoSnapshot().Main(1).Thread(2).Mutex(1);
  p.AddMisuse("destroy-locked", 2, 1, "Close");
  EXPECT_THAT(Summaries(p), ElementsAre("sync.misuse x1 T2"));
}

TEST(AnalyzeTest, AnEmptyProcessHasNoFindings) {
  ProcessBuilder p("exit");
  EXPECT_THAT(Summaries(p), IsEmpty());
}

// One leak; `shift` moves every function to other lines and addresses.
std::string SignatureOfLeak(const std::string& blocked, int shift, uint32_t id = 2) {
  ProcessBuilder p("exit");
  for (int i = 0; i < shift; ++i) p.AddressOf(absl::StrCat("unrelated", i));
  p.Main(1)
      .Ender(1)
      .Thread(id)
      .Blocked(id, "sem_wait")
      .Stack(id, {blocked, "Run"})
      .CreatedAt(id, {"Start", "main"});
  return p.Findings()[0].signature;
}

TEST(SignatureTest, StaysTheSameWhenLinesAddressesAndIdsMove) {
  EXPECT_EQ(SignatureOfLeak("Queue::Pop(int)", 0), SignatureOfLeak("Queue::Pop(int)", 7, 40));
}

TEST(SignatureTest, DiffersForAnotherFunction) {
  EXPECT_NE(SignatureOfLeak("Queue::Pop(int)", 0), SignatureOfLeak("Queue::Push(int)", 0));
}

TEST(SignatureTest, IgnoresWhatTheCompilerAddsToAName) {
  EXPECT_EQ(SignatureOfLeak("Queue::Pop(int)", 0), SignatureOfLeak("Queue::Pop(int) [clone .part.0]", 0));
}

TEST(SignatureTest, TextNamesIdReasonAndFunctions) {
  ProcessBuilder p("exit");
  p.Main(1).Ender(1).Thread(2).Blocked(2, "sem_wait").Stack(2, {"Pop", "Run"}).CreatedAt(2, {"Start", "main"});
  EXPECT_EQ(SignatureText(p.Findings()[0]), "leak.blocked; sem_wait, blocked at Pop < Run, created at Start");
}

class CompletenessTest : public testing::Test {
 protected:
  CompletenessTest() { model_.processes.push_back(std::make_unique<ProcessModel>()); }
  ProcessModel& process() { return *model_.processes[0]; }
  void AddLoss(const std::string& word, uint64_t count) {
    wire::LossCount& loss = process().losses.emplace_back();
    loss.set_word(word);
    loss.set_count(count);
  }
  Model model_;
};

TEST_F(CompletenessTest, AWholeDumpIsComplete) { EXPECT_FALSE(IsIncomplete(model_)); }

TEST_F(CompletenessTest, NothingAtAllIsNotClean) { EXPECT_TRUE(IsIncomplete(Model())); }

TEST_F(CompletenessTest, DamageIsIncomplete) {
  model_.damage.push_back("app.stray@0x10: cut");
  EXPECT_TRUE(IsIncomplete(model_));
}

TEST_F(CompletenessTest, LostTasksAreIncompleteLostStacksAreNot) {
  AddLoss("tasks", 0);
  AddLoss("stacks", 3);
  EXPECT_FALSE(IsIncomplete(model_));
  AddLoss("tasks", 1);
  EXPECT_TRUE(IsIncomplete(model_));
}

TEST_F(CompletenessTest, ALossThatThisVersionDoesNotKnowCounts) {
  AddLoss("future", 1);
  EXPECT_TRUE(IsIncomplete(model_));
}

TEST_F(CompletenessTest, AThreadWithoutHooksIsAGapUnlessItIsTheSanitizers) {
  wire::Gap& gap = process().gaps.emplace_back();
  gap.set_kind("raw_thread");
  gap.set_number(1);
  EXPECT_TRUE(IsIncomplete(model_));
  process().process.set_sanitizer(true);
  EXPECT_FALSE(IsIncomplete(model_));
}

TEST_F(CompletenessTest, NotesSayThemselvesIfTheyCount) {
  process().notes.emplace_back().set_text("a remark");
  EXPECT_FALSE(IsIncomplete(model_));
  process().notes.emplace_back().set_incomplete(true);
  EXPECT_TRUE(IsIncomplete(model_));
}

}  // namespace
}  // namespace stray::analyzer
