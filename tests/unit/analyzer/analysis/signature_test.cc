// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/analyzer/report/report_fixture.h"

namespace stray::analyzer {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

// The leak of the shop, blocked in these functions, innermost first.
struct Leak {
  explicit Leak(const std::vector<std::string>& functions, uint32_t line = 10) {
    std::string text, addresses;
    for (size_t i = 0; i < functions.size(); ++i) {
      absl::StrAppend(&text, "frame { address: ", 0x402000 + i * 16 + line,
                      " module: 1 locations { function: \"", functions[i],
                      "\" file: \"/src/a.cc\" line: ", line + i, " } }\n");
      absl::StrAppend(&addresses, i == 0 ? "" : ", ", 0x402000 + i * 16 + line);
    }
    model = ShopModel(absl::StrCat(text, "stack { id: 9 addresses: [", addresses, "] }\n"));
    finding = LeakOf(model);
    finding.groups.front().tasks.front().stacks.front() = StackOf(model, "blocked", 9);
  }
  Model model;
  Finding finding;
};

TEST(SignatureTest, PlacesHaveFunctionsAndNoLines) {
  const Model model = ShopModel();
  EXPECT_THAT(SignatureSites(DeadlockOf(model)),
              ElementsAre("pthread_mutex_lock, blocked at Cart::Total < Ledger::Post, created at main",
                          "pthread_mutex_lock, blocked at Ledger::Append < Cart::Flush, created at main"));
  EXPECT_THAT(Signature(DeadlockOf(model)), StartsWith("deadlock.cycle-"));
}

TEST(SignatureTest, OrderOfTheTasksDoesNotMatter) {
  const Model model = ShopModel();
  Finding finding = DeadlockOf(model);
  const std::string signature = Signature(finding);
  std::swap(finding.groups[0], finding.groups[1]);
  EXPECT_EQ(Signature(finding), signature);
}

TEST(SignatureTest, LinesArgumentsClonesAndRecursionStayOut) {
  const std::string signature = Signature(Leak({"Queue::Pop()", "Walk(int)", "Walk(int)", "Serve()"}).finding);
  EXPECT_EQ(Signature(Leak({"Queue::Pop()", "Walk(int)", "Serve()"}, 500).finding), signature);
  EXPECT_EQ(Signature(Leak({"Queue::Pop() [clone .part.0]", "Walk(long)", "Serve()"}).finding), signature);
}

TEST(SignatureTest, MainAndWhatIsFarAwayStayOut) {
  const std::string signature = Signature(Leak({"Pop()", "Next()", "Buy()"}).finding);
  EXPECT_EQ(Signature(Leak({"Pop()", "Next()", "Buy()", "main"}).finding), signature);
  EXPECT_EQ(Signature(Leak({"Pop()", "Next()", "Buy()", "Loop()", "main"}).finding), signature);
  EXPECT_EQ(Signature(Leak({"Pop()", "main"}).finding), Signature(Leak({"Pop()"}).finding));
  EXPECT_THAT(SignatureSites(Leak({"main"}).finding),
              ElementsAre("pthread_cond_wait, blocked at main, created at main"));
}

TEST(SignatureTest, LambdaThatAThreadRunsStaysOut) {
  const std::string signature = Signature(Leak({"Pop()", "Buy()"}).finding);
  EXPECT_EQ(Signature(Leak({"Pop()", "Buy()", "Start()::{lambda()#1}::operator()() const"}).finding),
            signature);
  EXPECT_NE(Signature(Leak({"Pop()", "Each()::{lambda()#1}::operator()() const", "Buy()"}).finding), signature);
}

TEST(SignatureTest, CallersNearThePlaceTellTwoFindingsApart) {
  EXPECT_NE(Signature(Leak({"Pop()", "Buy()"}).finding), Signature(Leak({"Pop()", "Sell()"}).finding));
  EXPECT_NE(Signature(Leak({"Pop()"}).finding), Signature(Leak({"Push()"}).finding));
}

TEST(SignatureTest, KindsOfMisuseInOneFunctionAreTwo) {
  const Model model = ShopModel();
  Finding one = LeakOf(model), other = LeakOf(model);
  one.kind = "unlock-not-owner";
  other.kind = "destroy-locked";
  EXPECT_NE(Signature(one), Signature(other));
}

TEST(SignatureTest, MemoryTellsRacesApart) {
  const Model model = ShopModel();
  Finding finding = LeakOf(model);
  wire::SanitizerReport report;
  report.add_places()->set_kind("global");
  report.mutable_places(0)->set_name("g_sum");
  finding.reported.emplace().shown = &report;
  const std::string sum = Signature(finding);
  report.mutable_places(0)->set_name("g_count");
  EXPECT_NE(Signature(finding), sum);
  report.mutable_places(0)->set_name("g_sum");
  report.mutable_places(0)->set_address(0x1234);
  report.mutable_places(0)->set_line(99);
  EXPECT_EQ(Signature(finding), sum);
}

}  // namespace
}  // namespace stray::analyzer
