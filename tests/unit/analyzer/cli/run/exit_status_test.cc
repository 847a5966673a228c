// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/exit_status.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace stray::analyzer {
namespace {

constexpr int Exited(int status) { return status << 8; }
constexpr int KilledBy(int signal) { return signal; }

TEST(ExitStatusTest, CleanRunKeepsTheCommandsStatus) {
  EXPECT_EQ(ExitStatus({.wait_status = Exited(0)}), 0);
  EXPECT_EQ(ExitStatus({.wait_status = Exited(3)}), 3);
}

TEST(ExitStatusTest, FindingsFailASuccessfulRun) {
  EXPECT_EQ(ExitStatus({.wait_status = Exited(0), .failing_findings = true}), 66);
  EXPECT_EQ(ExitStatus({.wait_status = Exited(0), .failing_findings = true, .incomplete = true}), 66);
  EXPECT_EQ(ExitStatus({.wait_status = Exited(0), .failing_findings = true}, 9), 9);
}

TEST(ExitStatusTest, CommandThatFailedByItselfKeepsItsStatus) {
  EXPECT_EQ(ExitStatus({.wait_status = Exited(1), .failing_findings = true, .incomplete = true}), 1);
}

TEST(ExitStatusTest, NothingFoundInIncompleteDataIsNotClean) {
  EXPECT_EQ(ExitStatus({.wait_status = Exited(0), .incomplete = true}), 67);
}

TEST(ExitStatusTest, DeathBySignalIsReportedAsShellsDo) {
  EXPECT_EQ(ExitStatus({.wait_status = KilledBy(SIGSEGV), .failing_findings = true}), 128 + SIGSEGV);
  EXPECT_EQ(ExitStatus({.wait_status = KilledBy(SIGKILL)}), 137);
}

TEST(ExitStatusTest, WhatStrayEndedHasAStatusOfItsOwn) {
  EXPECT_EQ(ExitStatus({.end = RunEnd::kTimeout, .failing_findings = true}), 124);
  EXPECT_EQ(ExitStatus({.end = RunEnd::kHang, .failing_findings = true}), 66);
  EXPECT_EQ(ExitStatus({.end = RunEnd::kHang, .failing_findings = true}, 7), 7);
  EXPECT_EQ(ExitStatus({.end = RunEnd::kInterrupted, .signal = SIGINT}), 130);
}

}  // namespace
}  // namespace stray::analyzer
