// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace stray::analyzer {
namespace {

using testing::HasSubstr;
using testing::Not;

// A process with one sleeping task, and a snapshot of it for `reason`.
Model OneSleeper(const std::string& reason) {
  Model model;
  auto& process = *model.processes.emplace_back(std::make_unique<ProcessModel>());
  process.process.set_pid(7);
  process.process.set_program("/bin/app");
  process.process.set_state("running");
  wire::Task& task = process.tasks.emplace_back();
  task.set_id(1);
  task.set_kind("thread");
  task.set_main(true);
  SnapshotModel& snapshot = process.snapshots.emplace_back();
  snapshot.info.set_id(1);
  snapshot.info.set_reason(reason);
  wire::TaskState& state = snapshot.tasks.emplace_back();
  state.set_task(1);
  state.set_state("blocked");
  state.set_wait_reason("nanosleep");
  process.Index();
  return model;
}

TEST(PipelineTest, EndWithoutFindingsIsUneventful) {
  const Model model = OneSleeper("exit");
  EXPECT_TRUE(IsUneventful(*model.processes[0], {}));
  Finding finding;
  finding.process = model.processes[0].get();
  EXPECT_FALSE(IsUneventful(*model.processes[0], {finding}));
}

TEST(PipelineTest, WhatDidNotEndByItselfIsEventful) {
  for (const char* reason : {"request", "hang", "timeout", "crash", "post_mortem"}) {
    EXPECT_FALSE(IsUneventful(*OneSleeper(reason).processes[0], {})) << reason;
  }
  EXPECT_FALSE(IsUneventful(ProcessModel(), {}));
}

TEST(PipelineTest, MomentTellsWhatAllTasksDoUnlessTheFindingsHave) {
  const Model model = OneSleeper("request");
  Verdict verdict;
  EXPECT_THAT(RenderMoment(model, verdict, {}, {}, {}), HasSubstr("1 task in app"));
  Finding& finding = verdict.findings.emplace_back();
  finding.id = "leak.alive";
  finding.process = model.processes[0].get();
  finding.groups.emplace_back().tasks.emplace_back().task = 1;
  EXPECT_THAT(RenderMoment(model, verdict, {}, {}, {}), Not(HasSubstr("1 task in app")));
}

TEST(PipelineTest, JsonStaysJson) {
  const Model model = OneSleeper("request");
  EXPECT_EQ(RenderMoment(model, {}, {.format = "json", .file = "", .color = ""}, {}, {}).front(), '{');
}

}  // namespace
}  // namespace stray::analyzer
