// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/write_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "analyzer/trace/std_format.h"
#include "tests/unit/analyzer/load/recorded_events.h"

namespace stray::analyzer {
namespace {

using box::EventKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using trace::Op;

Model ModelOf(RecordedEvents& events) {
  Model model;
  model.processes.push_back(std::make_unique<ProcessModel>());
  model.processes[0]->trace_blocks = events.Blocks();
  model.processes[0]->Index();
  return model;
}

// What ReadStd() reads again.
Trace Written(Model& model, bool for_rapid) {
  std::ostringstream out;
  const absl::Status status = WriteTrace(model, for_rapid, out);
  EXPECT_TRUE(status.ok()) << status;
  absl::StatusOr<Trace> trace = ReadStd(out.str(), "out.std");
  EXPECT_TRUE(trace.ok()) << trace.status() << "\n" << out.str();
  return trace.ok() ? *std::move(trace) : Trace();
}

TEST(WriteTraceTest, NamesHaveNoSpaces) {
  RecordedEvents events;
  events.Hook(1, EventKind::kPost, 5);
  events.Hook(2, EventKind::kAcquire, 5);
  events.Hook(2, EventKind::kLock, 6);
  Model model = ModelOf(events);
  model.processes[0]->objects.emplace_back().set_id(6);
  model.processes[0]->objects.back().set_name("locks [2] | a");
  model.processes[0]->Index();
  const Trace trace = Written(model, /*for_rapid=*/false);
  EXPECT_THAT(trace.syncs, ElementsAre("object5", "semaphore5.1"));
  EXPECT_THAT(trace.locks, ElementsAre("locks_[2]___a"));
}

TEST(WriteTraceTest, WhatHasTheSameNameStaysApart) {
  RecordedEvents events;
  for (int i = 0; i < 3; ++i) {
    events.Write(1, 0x7000, 8);
    events.Write(2, 0x7000, 8);
    events.Ordered(1, Op::kNewMemory, 0, 0x7000, 8);
  }
  events.Ordered(1, Op::kRelease, 0, 0x9000);
  events.Ordered(1, Op::kForget, 0, 0x9000);
  events.Ordered(2, Op::kAcquire, 0, 0x9000);
  events.Hook(1, EventKind::kLock, 5);
  events.Hook(2, EventKind::kLock, 6);
  Model model = ModelOf(events);
  for (const uint32_t id : {5, 6}) {
    model.processes[0]->objects.emplace_back().set_id(id);
    model.processes[0]->objects.back().set_name("Account::mutex");
  }
  model.processes[0]->Index();
  const Trace trace = Written(model, /*for_rapid=*/false);
  EXPECT_THAT(trace.variables, ElementsAre("0x7000", "0x7000#2", "0x7000#3"));
  EXPECT_THAT(trace.syncs, ElementsAre("0x9000", "0x9000#2"));
  EXPECT_THAT(trace.tasks, ElementsAre("T1", "T2"));
  EXPECT_THAT(trace.locks, ElementsAre("Account::mutex", "Account::mutex#2"));
  EXPECT_THAT(Written(model, /*for_rapid=*/true).variables, ElementsAre("0x7000", "0x7000#2", "0x7000#3"));
}

TEST(WriteTraceTest, ThereMustBeOneTrace) {
  std::ostringstream out;
  Model model;
  EXPECT_THAT(std::string(WriteTrace(model, false, out).message()), HasSubstr("no trace"));
  RecordedEvents events;
  events.Hook(1, EventKind::kLock, 5);
  for (int i = 0; i < 2; ++i) {
    model.processes.push_back(std::make_unique<ProcessModel>());
    model.processes[i]->Index();
  }
  EXPECT_EQ(WriteTrace(model, false, out).code(), absl::StatusCode::kInvalidArgument);
  model.processes[0]->trace_blocks = events.Blocks();
  EXPECT_TRUE(WriteTrace(model, false, out).ok());
  model.processes[1]->trace_blocks = model.processes[0]->trace_blocks;
  EXPECT_THAT(std::string(WriteTrace(model, false, out).message()), HasSubstr("several processes"));
}

}  // namespace
}  // namespace stray::analyzer
