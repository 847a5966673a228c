// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyzer/analysis/signature.h"
#include "tests/unit/analyzer/report/report_fixture.h"

namespace stray::analyzer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kGood[] = R"(version = 1
programs = ["cart_test"]

[[finding]]
signature = "leak.blocked-0123456789abcdef"
program = "cart_test"
title = "A thread waits \"for ever\""
sites = ["sem_wait, blocked at Pool::Run", "created at Pool::Start"]
findings = 2
added = 2026-11-22
reason = "ticket 12"
)";

Date On(absl::string_view day) { return ParseDate(day).value(); }

Baseline Parsed(absl::string_view text) {
  absl::StatusOr<Baseline> baseline = Baseline::Parse(text, "b.toml");
  EXPECT_TRUE(baseline.ok()) << baseline.status();
  return baseline.ok() ? *std::move(baseline) : Baseline("b.toml");
}

std::string ErrorOf(absl::string_view text) {
  const absl::Status status = Baseline::Parse(text, "b.toml").status();
  EXPECT_FALSE(status.ok()) << text;
  return std::string(status.message());
}

// kGood with one line put in place of that which begins with `key`.
std::string With(absl::string_view key, absl::string_view line) {
  std::string text = kGood;
  const size_t begin = text.find(absl::StrCat("\n", key)) + 1;
  text.replace(begin, text.find('\n', begin) - begin, std::string(line));
  return text;
}

std::vector<Finding> ShopFindings(const Model& model) {
  std::vector<Finding> findings = {DeadlockOf(model), LeakOf(model)};
  for (Finding& finding : findings) finding.signature = Signature(finding);
  return findings;
}

TEST(BaselineTest, ReadsWhatItWrites) {
  const Baseline baseline = Parsed(kGood);
  ASSERT_EQ(baseline.entries().size(), 1u);
  const BaselineEntry& entry = baseline.entries()[0];
  EXPECT_EQ(entry.title, "A thread waits \"for ever\"");
  EXPECT_THAT(entry.sites, ElementsAre("sem_wait, blocked at Pool::Run", "created at Pool::Start"));
  EXPECT_EQ(entry.findings, 2u);
  EXPECT_EQ(DateText(entry.added), "2026-11-22");
  EXPECT_EQ(entry.reason, "ticket 12");
  EXPECT_EQ(IdOfSignature(entry.signature), "leak.blocked");
  EXPECT_EQ(Parsed(baseline.Text()).Text(), baseline.Text());
}

TEST(BaselineTest, HostileNamesComeThrough) {
  Model model = ShopModel();
  model.processes.front()->process.set_invoked_name("a\"b\\c\n\x1b[31m\xff = 1");
  std::vector<Finding> findings = ShopFindings(model);
  findings.front().title = "\"\"\" [[finding]] \xe2\x80\xae";
  Baseline baseline("b.toml");
  baseline.Update(model, findings, false, On("2026-11-22"), "line 1\nline \"2\"");
  Baseline again = Parsed(baseline.Text());
  EXPECT_EQ(again.Text(), baseline.Text());
  EXPECT_EQ(again.entries()[0].reason, "line 1\nline \"2\"");
  again.Apply(findings);
  EXPECT_TRUE(*findings[0].known);
}

TEST(BaselineTest, WhatIsWrongIsToldWithItsLine) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("b.toml: is no baseline"));
  EXPECT_THAT(ErrorOf("\x7f"
                      "ELF\x02\x01"),
              HasSubstr("b.toml:1: "));
  EXPECT_THAT(ErrorOf(With("version", "version = 2")), HasSubstr("is of a newer stray: it has version 2"));
  EXPECT_THAT(ErrorOf(With("version", "version = 0")), HasSubstr("is no baseline"));
  EXPECT_THAT(ErrorOf(With("signature", "signature = \"leak\"")), HasSubstr("b.toml:4: the signature is none"));
  EXPECT_THAT(ErrorOf(With("findings", "findings = 0")),
              HasSubstr("b.toml:9: findings is no number from 1 on"));
  EXPECT_THAT(ErrorOf(With("findings", "")), HasSubstr("b.toml:4: findings is missing"));
  EXPECT_THAT(ErrorOf(With("added", "added = \"soon\"")), HasSubstr("b.toml:10: added is no day"));
  EXPECT_THAT(ErrorOf(With("added", "added = 2026-02-30")), HasSubstr("b.toml:10: "));
  EXPECT_THAT(ErrorOf(With("sites", "sites = [1]")), HasSubstr("b.toml:8: sites holds what is no string"));
  EXPECT_THAT(ErrorOf(With("reason", "raeson = \"x\"")), HasSubstr("b.toml:11: \"raeson\" is none of "));
  EXPECT_THAT(ErrorOf(std::string(kGood, sizeof(kGood) / 2)), HasSubstr("b.toml:"));
  EXPECT_THAT(ErrorOf(absl::StrCat(kGood, std::string(kGood).substr(std::string(kGood).find("[[")))),
              HasSubstr("b.toml:12: this signature stands there twice"));
}

TEST(BaselineTest, KnownIsWhatHasTheSameProgramAndSignature) {
  const Model model = ShopModel();
  std::vector<Finding> findings = ShopFindings(model);
  Baseline baseline("b.toml");
  baseline.Update(model, {findings[1]}, false, On("2026-11-22"), "");
  baseline.Apply(findings);
  EXPECT_FALSE(*findings[0].known);
  EXPECT_TRUE(*findings[1].known);
  EXPECT_TRUE(IsExcused(findings[1]));
  Model other = ShopModel();
  other.processes.front()->process.set_program("/bin/other");
  std::vector<Finding> of_other = ShopFindings(other);
  baseline.Apply(of_other);
  EXPECT_FALSE(*of_other[1].known);
}

TEST(BaselineTest, MoreFindingsOfOneSignatureThanBeforeAreNew) {
  const Model model = ShopModel();
  Finding leak = ShopFindings(model)[1];
  Baseline baseline("b.toml");
  baseline.Update(model, {leak, leak}, false, On("2026-11-22"), "");
  EXPECT_EQ(baseline.entries()[0].findings, 2u);
  std::vector<Finding> findings = {leak, leak, leak};
  baseline.Apply(findings);
  EXPECT_TRUE(*findings[0].known);
  EXPECT_TRUE(*findings[1].known);
  EXPECT_FALSE(*findings[2].known);
}

TEST(BaselineTest, EachProcessMayHaveAsMany) {
  Model model = ShopModel();
  model.Append(ShopModel());
  Finding first = ShopFindings(model)[1];
  Finding second = first;
  second.process = model.processes[1].get();
  Baseline baseline("b.toml");
  baseline.Update(model, {first, second}, false, On("2026-11-22"), "");
  EXPECT_EQ(baseline.entries()[0].findings, 1u);
  std::vector<Finding> findings = {first, second, second};
  baseline.Apply(findings);
  EXPECT_TRUE(*findings[1].known);
  EXPECT_FALSE(*findings[2].known);
}

TEST(BaselineTest, SuppressedFindingIsNotLookedAt) {
  const Model model = ShopModel();
  std::vector<Finding> findings = ShopFindings(model);
  findings[0].suppressed = true;
  Baseline("b.toml").Apply(findings);
  EXPECT_FALSE(findings[0].known.has_value());
  EXPECT_EQ(findings[1].known, false);
}

TEST(BaselineTest, UpdateKeepsWhatWasWritten) {
  const Model model = ShopModel();
  std::vector<Finding> findings = ShopFindings(model);
  Baseline baseline("b.toml");
  baseline.Update(model, findings, false, On("2026-11-22"), "first");
  const std::string before = baseline.Text();
  findings[1].title = "Another title";
  const BaselineChange same = baseline.Update(model, findings, false, On("2027-01-01"), "second");
  EXPECT_EQ(baseline.Text(), before);
  EXPECT_EQ(same.kept, 2u);
  const BaselineChange less = baseline.Update(model, {findings[1]}, false, On("2027-01-01"), "");
  ASSERT_EQ(less.removed.size(), 1u);
  EXPECT_EQ(less.removed[0].signature, findings[0].signature);
  EXPECT_EQ(baseline.entries().size(), 1u);
}

TEST(BaselineTest, UpdateLeavesOtherProgramsAloneAndMayKeepAll) {
  const Model model = ShopModel();
  const std::vector<Finding> findings = ShopFindings(model);
  Baseline baseline("b.toml");
  baseline.Update(model, findings, false, On("2026-11-22"), "");
  EXPECT_TRUE(baseline.Update(model, {}, true, On("2026-11-22"), "").removed.empty());
  Model other = ShopModel();
  other.processes.front()->process.set_program("/bin/other");
  EXPECT_TRUE(baseline.Update(other, {}, false, On("2026-11-22"), "").removed.empty());
  EXPECT_EQ(baseline.entries().size(), 2u);
  EXPECT_THAT(baseline.programs(), ElementsAre("cart_test", "other"));
}

TEST(BaselineTest, OrderDoesNotDependOnThatOfTheFindings) {
  const Model model = ShopModel();
  std::vector<Finding> findings = ShopFindings(model);
  Baseline one("b.toml"), other("b.toml");
  one.Update(model, findings, false, On("2026-11-22"), "");
  std::swap(findings[0], findings[1]);
  other.Update(model, findings, false, On("2026-11-22"), "");
  EXPECT_EQ(one.Text(), other.Text());
}

TEST(BaselineTest, BaselineOfAnotherProgramIsToldApart) {
  const Model model = ShopModel();
  Baseline baseline = Parsed(kGood);
  EXPECT_TRUE(baseline.CheckPrograms(model).ok());
  Model other = ShopModel();
  other.processes.front()->process.set_program("/bin/other");
  EXPECT_THAT(std::string(baseline.CheckPrograms(other).message()),
              HasSubstr("baseline: b.toml is about cart_test, not about other"));
  EXPECT_TRUE(Parsed("version = 1\nprograms = []\n").CheckPrograms(other).ok());
  EXPECT_EQ(baseline.CountMissing(model), 1u);
  EXPECT_EQ(baseline.CountMissing(other), 0u);
}

TEST(CalendarDateTest, OnlyDaysOfTheCalendarAreRead) {
  EXPECT_EQ(DateText(On("2028-02-29")), "2028-02-29");
  for (const char* wrong : {"", "2026-02-29", "2026-13-01", "2026-1-1", "26-01-01", "2026-01-01T", "2026/01/01",
                            "2026-+1-01", "2026--1-01", " 2026-01-01"})
    EXPECT_FALSE(ParseDate(wrong).has_value()) << wrong;
}

}  // namespace
}  // namespace stray::analyzer
