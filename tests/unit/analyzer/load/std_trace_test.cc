// SPDX-License-Identifier: Apache-2.0
// Traces as reports. What the engines find in them is tested beside the engines.
#include "analyzer/load/std_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyzer/analysis/analyze.h"
#include "analyzer/load/load.h"
#include "tests/unit/analyzer/trace/trace_text.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

Model ModelOf(absl::string_view text) {
  absl::StatusOr<Model> model = LoadBytes(StdOf(text), "app.std");
  EXPECT_TRUE(model.ok()) << model.status();
  return model.ok() ? *std::move(model) : Model();
}

std::vector<std::string> IdsIn(const Model& model) {
  std::vector<std::string> ids;
  for (const Finding& finding : Analyze(model)) ids.push_back(finding.id);
  return ids;
}

TEST(StdTraceTest, FirstLineTells) {
  EXPECT_TRUE(LooksLikeStdTrace("\nT1|acq(L3)|120\nwhat follows\n"));
  EXPECT_FALSE(LooksLikeStdTrace("T1|acquires(L3)|120\n"));
  EXPECT_FALSE(LooksLikeStdTrace(""));
  EXPECT_EQ(DetectKind("T1|acq(L3)|120\n"), FileKind::kStdTrace);
}

TEST(StdTraceTest, RacesOfTheRunAndRacesOfAnotherOrderAreToldApart) {
  EXPECT_THAT(IdsIn(ModelOf("1:w x; 2:w x")), ElementsAre("race.data"));
  EXPECT_THAT(IdsIn(ModelOf("1:w x, acq l, rel l; 2:acq l, rel l, w x")), ElementsAre("race.predicted"));
  EXPECT_THAT(IdsIn(ModelOf("1:acq l, w x, rel l; 2:acq l, w x, rel l")), IsEmpty());
  EXPECT_THAT(IdsIn(ModelOf("1:acq a, acq b, rel b, rel a; 2:acq b, acq a, rel a, rel b")),
              ElementsAre("deadlock.predicted"));
}

TEST(StdTraceTest, AChannelAndAWaitGroupSayWhoComesTooLate) {
  const Model model = ModelOf("0:fork T1, fork T2, add g; 1:send c, sent c; 0:close c, closed c; 2:done g");
  const std::vector<Finding> findings = Analyze(model);
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0].id, "channel.predicted");
  EXPECT_EQ(findings[0].confidence, Confidence::kProved);
  EXPECT_THAT(
      findings[0].explanation,
      StartsWith("T1 sends on channel c at location_4, and main closes it at location_6. In another order of "
                 "the same events, in which every task does and reads what it did and read, the close comes "
                 "first, and the send ends the program."));
  const wire::Schedule& schedule = findings[0].reported->shown->schedule();
  ASSERT_THAT(schedule.next(), SizeIs(2));
  EXPECT_EQ(schedule.next(0).what(), "sends on c");
  EXPECT_EQ(schedule.next(1).what(), "closes c");
  EXPECT_EQ(findings[1].id, "wait-group.predicted");
  EXPECT_THAT(findings[1].explanation,
              StartsWith("T2 counts down wait group g at location_8, and main adds to it at location_3."));
  ASSERT_THAT(findings[1].reported->shown->schedule().next(), SizeIs(1));
  EXPECT_EQ(findings[1].reported->shown->schedule().next(0).what(), "counts down g");
  EXPECT_THAT(IdsIn(ModelOf("1:close c, closed c; 2:close c")), ElementsAre("channel.predicted"));
}

TEST(StdTraceTest, ARaceSaysWhoDidWhatWithWhichLocks) {
  const Model model = ModelOf("0:fork T1; 0:acq l, w x, rel l; 1:r x");
  const std::vector<Finding> findings = Analyze(model);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].confidence, Confidence::kProved);
  EXPECT_THAT(findings[0].explanation, StartsWith("Global x is written by main at location_3 with mutex l held "
                                                  "and read by T1 at location_5 with none."));
  const wire::SanitizerReport& report = *findings[0].reported->shown;
  EXPECT_EQ(report.reporter(), "stray");
  ASSERT_THAT(report.schedule().next(), SizeIs(2));
  EXPECT_EQ(report.schedule().next(0).what(), "writes x");
  EXPECT_EQ(report.schedule().next(1).what(), "reads x");
  ASSERT_THAT(report.schedule().steps(), SizeIs(2));
  EXPECT_EQ(report.schedule().steps(0).what(), "starts T1");
  EXPECT_EQ(report.schedule().steps(1).what(), "locks l");
}

TEST(StdTraceTest, ARaceThatNoOrderShowsIsOneAllTheSame) {
  const Model model = ModelOf("1:w x, provide flag; 2:depend flag, w x");
  const std::vector<Finding> findings = Analyze(model);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].id, "race.data");
  EXPECT_FALSE(findings[0].reported->shown->has_schedule());
  EXPECT_THAT(model.damage, IsEmpty());
  EXPECT_THAT(IdsIn(ModelOf("1:w x, acq l, provide f, rel l; 2:depend f, acq l, rel l, w x")), IsEmpty());
}

TEST(StdTraceTest, LocksThatAreReadAreSaidToBe) {
  const Model model = ModelOf("0:racq l, w x, rrel l; 1:racq l, w x, rrel l; 0:sig s; 1:await s");
  const std::vector<Finding> findings = Analyze(model);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(findings[0].explanation,
              StartsWith("Global x is written by T1 at location_5 and written by main at location_2, both with "
                         "rwlock l held for reading."));
  const wire::SanitizerReport& report = *findings[0].reported->shown;
  ASSERT_THAT(report.schedule().steps(), SizeIs(2));
  EXPECT_EQ(report.schedule().steps(0).what(), "locks l for reading");
  const Model circle = ModelOf("1:racq a, acq b, rel b, rrel a; 2:racq b, acq a, rel a, rrel b");
  EXPECT_THAT(IdsIn(circle), ElementsAre("deadlock.predicted"));
  EXPECT_TRUE(circle.processes[0]->sanitizer_reports[0].steps(0).held().read());
  EXPECT_FALSE(circle.processes[0]->sanitizer_reports[0].steps(0).wanted().read());
}

TEST(StdTraceTest, RacesAtTheSamePlacesAreCountedTogether) {
  const Model model = ModelOf("1:w x; 2:w x");
  std::string text;
  for (int i = 0; i < 3; ++i) text += "T1|w(x)|1\nT2|w(x)|2\n";
  const absl::StatusOr<Model> many = LoadBytes(text, "app.std");
  ASSERT_TRUE(many.ok());
  const std::vector<Finding> findings = Analyze(*many);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].count, 5u) << "each access but the first races with one before it";
}

TEST(StdTraceTest, ADeadlockSaysWhoWantsWhatAndHasWhat) {
  const Model model = ModelOf("1:acq a, acq b, rel b, rel a; 2:acq b, acq a, rel a, rel b");
  const std::vector<Finding> findings = Analyze(model);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(
      findings[0].explanation,
      StartsWith("T1 locked mutex b at location_2 while it held mutex a; T2 locked mutex a at location_6 "
                 "while it held mutex b."));
  const wire::SanitizerReport& report = *findings[0].reported->shown;
  EXPECT_THAT(report.schedule().steps(), SizeIs(2));
  EXPECT_EQ(report.schedule().next(1).what(), "locks a");
}

TEST(StdTraceTest, ADeadlockOfAChannelSaysWhoWouldHaveReceived) {
  const Model model = ModelOf(
      "0:made c 0, fork T1, fork T2; 2:acq m, rel m, recv c, sig w; 1:acq m, send c, await w, sig v, sent c, "
      "rel m; 2:await v, recvd c");
  const std::vector<Finding> findings = Analyze(model);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].id, "deadlock.predicted");
  EXPECT_EQ(findings[0].confidence, Confidence::kProved);
  EXPECT_THAT(
      findings[0].explanation,
      StartsWith("T1 sent on channel c at location_9 while it held mutex m; T2 locked mutex m at "
                 "location_4. If the one stands at the channel before the other has got its lock, nobody "
                 "is left who can come to the other side of the channel"));
  const wire::Schedule& schedule = findings[0].reported->shown->schedule();
  ASSERT_THAT(schedule.next(), SizeIs(2));
  EXPECT_EQ(schedule.next(0).what(), "sends on c");
  EXPECT_EQ(schedule.next(1).what(), "locks m");
  EXPECT_THAT(model.damage, IsEmpty());
}

TEST(StdTraceTest, AHintSaysThatItProvesNothing) {
  const Model model = ModelOf("0:fork T1, fork T2; 1:acq l, w x, rel l; 2:acq l, rel l, w x");
  const std::vector<Finding> findings = Analyze(model);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].id, "race.lockset");
  EXPECT_EQ(findings[0].confidence, Confidence::kHeuristic);
  EXPECT_THAT(
      findings[0].explanation,
      StartsWith("Global x is written by T1 at location_4 with mutex l held and written by T2 at location_8 "
                 "with none. They have no lock in common"));
  EXPECT_FALSE(findings[0].reported->shown->has_schedule());
  EXPECT_THAT(IdsIn(ModelOf("1:w x; 2:acq l, w x, rel l; 3:acq l, rel l, w x")),
              ElementsAre("race.data", "race.data"))
      << "more is known of it";
}

TEST(StdTraceTest, LongOrdersAreShownFromTheirEnd) {
  std::string text = "T1|w(y)|0\n";
  for (int i = 0; i < 40; ++i) absl::StrAppend(&text, "T1|w(z)|1\nT3|w(q)|2\n");
  text += "T1|w(x)|3\nT2|w(x)|4\n";
  const absl::StatusOr<Model> model = LoadBytes(text, "app.std");
  ASSERT_TRUE(model.ok());
  ASSERT_THAT(model->processes[0]->sanitizer_reports, SizeIs(1));
  const wire::Schedule& schedule = model->processes[0]->sanitizer_reports[0].schedule();
  EXPECT_THAT(schedule.steps(), SizeIs(16));
  EXPECT_EQ(schedule.left_out(), 41u - 16u);
}

TEST(StdTraceTest, NamesOfOtherBytesAreMadeFitForADump) {
  const absl::StatusOr<Model> model = LoadBytes("T1|w(x\xb7)|1\nT2|w(x\xb7)|2\n", "app.std");
  ASSERT_TRUE(model.ok()) << model.status();
  ASSERT_THAT(model->processes[0]->sanitizer_reports, SizeIs(1));
  EXPECT_EQ(model->processes[0]->sanitizer_reports[0].places(0).name(), "x\xef\xbf\xbd");
}

TEST(StdTraceTest, ErrorsNameTheLineOrTheEvent) {
  EXPECT_THAT(std::string(LoadBytes("T1|w(x)|1\nT1|w(x)\n", "app.std").status().message()),
              StartsWith("app.std:2: "));
  EXPECT_THAT(std::string(LoadBytes("T1|rel(l)|1\n", "app.std").status().message()),
              HasSubstr("app.std: event 1, T1|rel(l)|1: nobody has it"));
}

}  // namespace
}  // namespace stray::analyzer
