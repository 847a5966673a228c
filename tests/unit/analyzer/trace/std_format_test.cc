// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/std_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kEveryOperation[] =
    "main|fork(T1)|3\n"
    "T1|begin(7)|-4\n"
    "T1|enter(Cart::Add(int))|5\n"
    "T1|req(L3)|5\n"
    "T1|acq(L3)|120\n"
    "T1|r(V8.f[2])|13\n"
    "T1|w(V8.f[2])|13\n"
    "T1|branch(x)|9223372036854775807\n"
    "T1|rel(L3)|121\n"
    "T1|exit(Cart::Add(int))|5\n"
    "T1|end(7)|6\n"
    "T1|dummy(0)|0\n"
    "T1|racq(L4)|7\n"
    "T1|rrel(L4)|8\n"
    "T1|tryacq(L3)|9\n"
    "T1|sig(chan#1.0)|10\n"
    "T1|provide(L4)|10\n"
    "main|await(chan#1.0)|11\n"
    "main|depend(L4)|11\n"
    "T1|send(c)|12\n"
    "main|recv(c)|13\n"
    "main|recvd(c)|13\n"
    "T1|sent(c)|12\n"
    "T1|selsend(c)|14\n"
    "T1|selrecv(d)|14\n"
    "main|close(d)|15\n"
    "main|closed(d)|15\n"
    "T1|recvnone(d)|14\n"
    "T1|send(c)|16\n"
    "T1|left(c)|16\n"
    "main|add(c)|17\n"
    "T1|done(c)|18\n"
    "main|wait(c)|19\n"
    "main|waited(c)|19\n"
    "main|join(T1)|4\n";

TEST(StdFormatTest, WhatIsReadIsWrittenAgain) {
  const absl::StatusOr<Trace> trace = ReadStd(kEveryOperation, "app.std");
  ASSERT_TRUE(trace.ok()) << trace.status();
  EXPECT_EQ(trace->events.size(), 35u);
  EXPECT_EQ(StdText(*trace), kEveryOperation);
  EXPECT_THAT(trace->tasks, ElementsAre("main", "T1"));
  EXPECT_THAT(trace->locks, ElementsAre("L3", "L4"));
  EXPECT_THAT(trace->syncs, ElementsAre("chan#1.0", "L4"));
  EXPECT_THAT(trace->variables, ElementsAre("V8.f[2]"));
  EXPECT_THAT(trace->channels, ElementsAre("c", "d"));
  EXPECT_THAT(trace->groups, ElementsAre("c"));
}

TEST(StdFormatTest, EmptyLinesAndOtherLineEndsAreNoEvents) {
  const absl::StatusOr<Trace> trace = ReadStd("\nT1|w(x)|1\r\n\r\n  T2|w(x)|2", "app.std");
  ASSERT_TRUE(trace.ok()) << trace.status();
  EXPECT_EQ(StdText(*trace), "T1|w(x)|1\nT2|w(x)|2\n");
}

TEST(StdFormatTest, ErrorsSayWhereAndShowWhatWouldBeRight) {
  for (const char* line : {"T1", "T1|await()|1", "T1|signal(s)|1", "|w(x)|1", "T1|w x|1", "T1|write(x)|1",
                           "T1|w()|1", "T1|w(x)", "T1|w(x)|", "T1|w(x)|one", "T1|w(x y)|1", "T 1|w(x)|1",
                           "T1|w(x)|1|2", "T1|w(x)|99999999999999999999", "\x01\xff"}) {
    const absl::StatusOr<Trace> trace = ReadStd(absl::StrCat("T1|w(x)|1\n", line, "\n"), "app.std");
    ASSERT_FALSE(trace.ok()) << line;
    EXPECT_EQ(trace.status().code(), absl::StatusCode::kInvalidArgument) << line;
    EXPECT_THAT(std::string(trace.status().message()), HasSubstr("app.std:2: ")) << line;
    EXPECT_THAT(std::string(trace.status().message()), HasSubstr("T1|acq(L3)|120")) << line;
  }
}

}  // namespace
}  // namespace stray::analyzer
