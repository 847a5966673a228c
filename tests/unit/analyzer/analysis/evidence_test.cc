// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/evidence.h"

#include <gtest/gtest.h>

#include "tests/unit/analyzer/analysis/process_builder.h"

namespace stray::analyzer {
namespace {

// Adds a code address for `function`, line `line`; another one each time.
uint64_t AddAddress(ProcessBuilder& p, const std::string& function, uint32_t line,
                    const std::string& file = "/src/a.cc") {
  static uint64_t next = 0x900000;
  wire::Frame& frame = p.raw().frames.emplace_back();
  frame.set_address(next += 16);
  wire::Location* location = frame.add_locations();
  location->set_function(function);
  location->set_line(line);
  if (line != 0) location->set_file(file);
  return next;
}

uint32_t AddStack(ProcessBuilder& p, uint32_t id, const std::vector<uint64_t>& addresses) {
  wire::Stack& stack = p.raw().stacks.emplace_back();
  stack.set_id(id);
  for (uint64_t address : addresses) stack.add_addresses(address);
  return id;
}

TEST(EvidenceTest, OneLineAtTwoAddressesIsOnePlace) {
  ProcessBuilder p;
  AddStack(p, 800, {AddAddress(p, "Start", 12), AddAddress(p, "main", 3)});
  AddStack(p, 801, {AddAddress(p, "Start", 12), AddAddress(p, "main", 3)});
  AddStack(p, 802, {AddAddress(p, "Start", 13), AddAddress(p, "main", 3)});
  const EvidenceMaker evidence(p.Get(), nullptr);
  EXPECT_EQ(evidence.NumberOf(800), evidence.NumberOf(801));
  EXPECT_NE(evidence.NumberOf(800), evidence.NumberOf(802));
  EXPECT_EQ(evidence.NumberOf(4242), 0u);
}

TEST(EvidenceTest, WhatTheLibraryDoesBelowACallDoesNotMatter) {
  ProcessBuilder p;
  const uint64_t user = AddAddress(p, "Queue::Pop", 41);
  AddStack(p, 800, {AddAddress(p, "__lll_lock_wait", 0), AddAddress(p, "pthread_mutex_lock", 0), user});
  AddStack(p, 801, {AddAddress(p, "pthread_mutex_lock", 0), user});
  const EvidenceMaker evidence(p.Get(), nullptr);
  EXPECT_EQ(evidence.NumberOf(800), evidence.NumberOf(801));
}

TEST(EvidenceTest, WithoutLinesTheFunctionCounts) {
  ProcessBuilder p;
  AddStack(p, 800, {AddAddress(p, "Stripped", 0)});
  AddStack(p, 801, {AddAddress(p, "Stripped", 0)});
  AddStack(p, 802, {AddAddress(p, "Other", 0)});
  const EvidenceMaker evidence(p.Get(), nullptr);
  EXPECT_EQ(evidence.NumberOf(800), evidence.NumberOf(801));
  EXPECT_NE(evidence.NumberOf(800), evidence.NumberOf(802));
}

TEST(EvidenceTest, WithoutFunctionsThePlaceInTheModuleCounts) {
  ProcessBuilder p;
  wire::Module& module = p.raw().modules.emplace_back();
  module.set_id(1);
  module.set_path("/lib/libstripped.so");
  module.set_start(0x70000000);
  module.set_end(0x70100000);
  AddStack(p, 800, {0x70000010});
  AddStack(p, 801, {0x70000020});
  AddStack(p, 802, {0x500000});  // in no module: made at run time
  AddStack(p, 803, {0x600000});
  const EvidenceMaker evidence(p.Get(), nullptr);
  EXPECT_NE(evidence.NumberOf(800), evidence.NumberOf(801));
  EXPECT_EQ(evidence.NumberOf(802), evidence.NumberOf(803));
}

TEST(EvidenceTest, ASiteIsTheSamePlaceAsAStackOfOneFrame) {
  ProcessBuilder p;
  AddStack(p, 800, {AddAddress(p, "Lock", 7)});
  wire::Site site;
  site.set_address(AddAddress(p, "Lock", 7));
  const EvidenceMaker evidence(p.Get(), nullptr);
  EXPECT_EQ(evidence.NumberOf(800), evidence.NumberOf(site));
  EXPECT_EQ(evidence.NumberOf(wire::Site()), 0u);
}

TEST(EvidenceTest, OnlyTheFirstTaskOfAGroupCarriesTheStacks) {
  ProcessBuilder p("exit");
  p.Main(1)
      .Thread(2)
      .Thread(3)
      .Blocked(2, "sem_wait")
      .Stack(2, {"Wait"})
      .Blocked(3, "sem_wait")
      .Stack(3, {"Wait"});
  const ProcessModel& process = p.Get();
  const EvidenceMaker evidence(process, process.LastSnapshot());
  const std::vector<TaskGroup> groups = evidence.Group({0, 1});
  ASSERT_EQ(groups.size(), 1u);
  ASSERT_EQ(groups[0].tasks.size(), 2u);
  EXPECT_FALSE(groups[0].tasks[0].stacks.empty());
  EXPECT_TRUE(groups[0].tasks[1].stacks.empty());
}

TEST(EvidenceTest, AMissingStackShowsTheLastKnownSiteAndSaysSo) {
  ProcessBuilder p("post_mortem");
  p.Thread(2).Blocked(2, "sem_wait");
  p.state(2).set_stack(0);
  p.state(2).mutable_site()->set_address(AddAddress(p, "Wait", 9));
  const ProcessModel& process = p.Get();
  const EvidenceMaker evidence(process, process.LastSnapshot());
  const EvidenceStack stack = evidence.StacksOf(process.LastSnapshot()->tasks[0])[0];
  EXPECT_TRUE(stack.missing);
  EXPECT_EQ(stack.addresses.size(), 1u);
}

}  // namespace
}  // namespace stray::analyzer
