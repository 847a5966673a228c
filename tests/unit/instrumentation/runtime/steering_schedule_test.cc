// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/steering_schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace stray::runtime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(ParseSteeringScheduleTest, TakesTurnsASeedAndAnOutcome) {
  SteeringSchedule schedule;
  std::string error;
  ASSERT_TRUE(
      ParseSteeringSchedule("stray-schedule 1\noutcome /run/a b/outcome\nseed 18446744073709551615\nturn 1 "
                            "4\nturn 1.2.30 0\nturn 1 5 -\n",
                            &schedule, &error))
      << error;
  EXPECT_EQ(schedule.outcome, "/run/a b/outcome");
  EXPECT_EQ(schedule.seed, 18446744073709551615u);
  EXPECT_THAT(schedule.names, ElementsAre("1", "1.2.30"));
  ASSERT_EQ(schedule.turns.size(), 3u);
  EXPECT_EQ(schedule.turns[0].name, 0u);
  EXPECT_EQ(schedule.turns[0].points, 4u);
  EXPECT_FALSE(schedule.turns[0].may_wait);
  EXPECT_EQ(schedule.turns[1].name, 1u);
  EXPECT_EQ(schedule.turns[2].name, 0u);
  EXPECT_TRUE(schedule.turns[2].may_wait);
}

TEST(ParseSteeringScheduleTest, TheSeedIsOneAndTheLastLineMayLackItsEnd) {
  SteeringSchedule schedule;
  std::string error;
  ASSERT_TRUE(ParseSteeringSchedule("stray-schedule 1\nturn 1 0", &schedule, &error)) << error;
  EXPECT_EQ(schedule.seed, 1u);
  EXPECT_EQ(schedule.outcome, "");
}

TEST(ParseSteeringScheduleTest, AWrongLineIsNamed) {
  SteeringSchedule schedule;
  std::string error;
  for (const char* wrong :
       {"",          "turn",        "turn ",       "turn 1",      "turn 1 ",  "turn 1 x",
        "turn 1 -1", "turn 1 4 +",  "turn 1 4  -", "turn 1 4 - ", "turn 0 4", "turn 1. 4",
        "turn .1 4", "turn 1..2 4", "turn 1.0 4",  "turn a 4",    "turn  4",  "turn 1 18446744073709551616",
        "seed",      "seed x",      "seed -1",     "outcome",     "outcome ", "Turn 1 4",
        " turn 1 4"}) {
    EXPECT_FALSE(
        ParseSteeringSchedule("stray-schedule 1\nturn 1 4\n" + std::string(wrong) + "\n", &schedule, &error))
        << wrong;
    EXPECT_THAT(error, HasSubstr("line 3: neither ")) << wrong;
  }
  EXPECT_FALSE(ParseSteeringSchedule("stray-schedule 2\nturn 1 4\n", &schedule, &error));
  EXPECT_THAT(error, HasSubstr("line 1: this is no schedule of stray's"));
}

TEST(ParseSteeringScheduleTest, WithoutATurnItIsNone) {
  SteeringSchedule schedule;
  std::string error;
  for (const char* text : {"", "stray-schedule 1", "stray-schedule 1\nseed 4\n"}) {
    EXPECT_FALSE(ParseSteeringSchedule(text, &schedule, &error)) << text;
    EXPECT_EQ(error, "there is no turn in it");
  }
}

TEST(ReadSteeringScheduleTest, ReadsAFileOfAnySizeAndTellsWhyItCannot) {
  const std::string path = testing::TempDir() + "/steering_schedule_test";
  std::ofstream file(path);
  file << "stray-schedule 1\n";
  for (int i = 0; i < 5000; ++i) file << "turn 1." << 1 + i % 7 << " " << i << "\n";
  file.close();
  SteeringSchedule schedule;
  std::string error;
  ASSERT_TRUE(ReadSteeringSchedule(path.c_str(), &schedule, &error)) << error;
  EXPECT_EQ(schedule.turns.size(), 5000u);
  EXPECT_EQ(schedule.turns.back().points, 4999u);
  EXPECT_EQ(schedule.names.size(), 7u);
  EXPECT_FALSE(ReadSteeringSchedule((path + ".none").c_str(), &schedule, &error));
  EXPECT_EQ(error, "No such file or directory");
  EXPECT_FALSE(ReadSteeringSchedule("/", &schedule, &error));
  EXPECT_EQ(error, "Is a directory");
}

}  // namespace
}  // namespace stray::runtime
