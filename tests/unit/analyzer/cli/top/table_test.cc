// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/top/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/analyzer/cli/top/top_fixture.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The first cells of all rows.
std::vector<std::string> Firsts(const Picture& picture, const Table& table) {
  std::vector<std::string> firsts;
  for (size_t row = 0; row < table.rows.size(); ++row)
    firsts.push_back(CellsOf(picture, table, row, nullptr).front());
  return firsts;
}

std::vector<std::string> Lasts(const Picture& picture, const Table& table) {
  std::vector<std::string> lasts;
  for (size_t row = 0; row < table.rows.size(); ++row)
    lasts.push_back(CellsOf(picture, table, row, nullptr).back());
  return lasts;
}

TEST(PatternTest, CapitalsCountOnlyIfThereAreAny) {
  EXPECT_TRUE(Pattern("flush").IsIn("Cart::Flush"));
  EXPECT_TRUE(Pattern("Flush").IsIn("Cart::Flush"));
  EXPECT_FALSE(Pattern("FLUSH").IsIn("Cart::Flush"));
  EXPECT_TRUE(Pattern("").IsIn(""));
  EXPECT_FALSE(Pattern("x").IsIn(""));
}

TEST(TableTest, TasksBeginWithTheOldestWait) {
  const auto picture = ShopPicture();
  const Table table = MakeTable(*picture, Tab::kTasks, {}, nullptr);
  EXPECT_THAT(Firsts(*picture, table), ElementsAre("T2 \"flusher\"", "T3 \"writer\"", "T4 \"reader\"", "main"));
}

TEST(TableTest, SortedByNumberAndReversed) {
  const auto picture = ShopPicture();
  TableSettings settings;
  settings.sort = 1;
  settings.reversed = true;
  EXPECT_THAT(Firsts(*picture, MakeTable(*picture, Tab::kTasks, settings, nullptr)),
              ElementsAre("T4 \"reader\"", "T3 \"writer\"", "T2 \"flusher\"", "main"));
}

TEST(TableTest, EveryOrderOfEveryTabKeepsAllRows) {
  const auto picture = ShopPicture(kMoreReaders);
  for (size_t tab = 0; tab < kTabs; ++tab) {
    TableSettings settings;
    const size_t rows = MakeTable(*picture, static_cast<Tab>(tab), settings, nullptr).rows.size();
    EXPECT_GT(rows, 0u);
    for (settings.sort = 0; settings.sort < SortNames(static_cast<Tab>(tab)).size(); ++settings.sort) {
      const Table table = MakeTable(*picture, static_cast<Tab>(tab), settings, nullptr);
      EXPECT_EQ(table.rows.size(), rows);
      for (size_t row = 0; row < rows; ++row)
        EXPECT_EQ(FindKey(*picture, table, KeyOf(*picture, table, row)), row);
    }
  }
}

TEST(TableTest, GroupsAreThoseOfTheFacet) {
  const auto picture = ShopPicture(kMoreReaders);
  TableSettings settings;
  Table table = MakeTable(*picture, Tab::kGroups, settings, nullptr);
  EXPECT_THAT(Firsts(*picture, table), ElementsAre("3", "1", "1", "1"));
  EXPECT_EQ(Lasts(*picture, table).front(), "Queue::Pop (queue.cc:44)");
  EXPECT_EQ(CellsOf(*picture, table, 0, nullptr)[1], "300 to 500 ms");
  settings.facet = Facet::kObject;
  EXPECT_THAT(Lasts(*picture, MakeTable(*picture, Tab::kGroups, settings, nullptr)),
              ElementsAre("condition C3", "(none)", "mutex M2", "mutex g_cart"));
  settings.facet = Facet::kState;
  EXPECT_THAT(Lasts(*picture, MakeTable(*picture, Tab::kGroups, settings, nullptr)),
              ElementsAre("blocked", "running"));
  settings.facet = Facet::kTest;
  EXPECT_THAT(Lasts(*picture, MakeTable(*picture, Tab::kGroups, settings, nullptr)),
              ElementsAre("(none)", "Cart.Reads"));
  settings.facet = Facet::kCreation;
  EXPECT_THAT(Lasts(*picture, MakeTable(*picture, Tab::kGroups, settings, nullptr)),
              ElementsAre("main (main.cc:12)", "main thread"));
  settings.facet = Facet::kFinding;
  EXPECT_THAT(Lasts(*picture, MakeTable(*picture, Tab::kGroups, settings, nullptr)),
              ElementsAre("(none)", "deadlock.cycle"));
}

TEST(TableTest, GroupsSayWhatIsNewAndWhatHasGrown) {
  const auto before = ShopPicture();
  const auto now = ShopPicture(absl::StrCat(kMoreReaders, R"(
frame { address: 0x401700 module: 1 offset: 0x1700 locations { function: "Cart::Sell" file: "/home/dev/shop/src/cart.cc" line: 9
}
}
stack { id: 5 addresses: [0x401700] }
task { id: 7 kind: "thread" }
task_state { task: 7 state: "blocked" wait_reason: "nanosleep" stack: 5 wait_ns: 1000000 }
)"));
  TableSettings settings;
  settings.sort = 2;  // growth
  const Table table = MakeTable(*now, Tab::kGroups, settings, &before->counts);
  std::vector<std::string> changes;
  for (size_t row = 0; row < table.rows.size(); ++row)
    changes.push_back(CellsOf(*now, table, row, &before->counts)[2]);
  EXPECT_THAT(changes, ElementsAre("+2", "new", "", "", ""));
  const Table back = MakeTable(*before, Tab::kGroups, {}, &now->counts);
  for (size_t row = 0; row < back.rows.size(); ++row) {
    const std::vector<std::string> cells = CellsOf(*before, back, row, &now->counts);
    EXPECT_EQ(cells[2], cells[3] == "Queue::Pop (queue.cc:44)" ? "-2" : "");
  }
}

TEST(TableTest, AFilterActsOnEveryTab) {
  const auto picture = ShopPicture(kMoreReaders);
  TableSettings settings;
  settings.filter = "queue::pop";
  EXPECT_EQ(MakeTable(*picture, Tab::kTasks, settings, nullptr).rows.size(), 3u);
  EXPECT_EQ(MakeTable(*picture, Tab::kGroups, settings, nullptr).rows.size(), 1u);
  EXPECT_THAT(Firsts(*picture, MakeTable(*picture, Tab::kObjects, settings, nullptr)), ElementsAre("C3"));
  EXPECT_TRUE(MakeTable(*picture, Tab::kFindings, settings, nullptr).rows.empty());
  // No word of the finding, but where one of its tasks stands.
  settings.filter = "Cart::Total";
  EXPECT_EQ(MakeTable(*picture, Tab::kFindings, settings, nullptr).rows.size(), 1u);
}

TEST(TableTest, TasksWithinAGroup) {
  const auto picture = ShopPicture(kMoreReaders);
  TableSettings settings;
  settings.within = Within{.facet = Facet::kObject, .text = "condition C3"};
  settings.filter = "T6";
  EXPECT_THAT(Firsts(*picture, MakeTable(*picture, Tab::kTasks, settings, nullptr)),
              ElementsAre("T6 \"reader\""));
}

TEST(TableTest, ObjectsHaveTheirHoldersAndQueues) {
  const auto picture = ShopPicture(R"(
object { id: 4 kind: "channel" capacity: 10 length: 3 closed: true }
object { id: 5 kind: "mutex" }
)");
  const Table table = MakeTable(*picture, Tab::kObjects, {}, nullptr);
  std::vector<std::string> rows;
  for (size_t row = 0; row < table.rows.size(); ++row) {
    const auto cells = CellsOf(*picture, table, row, nullptr);
    rows.push_back(absl::StrCat(cells[0], "|", cells[2], "|", cells.back()));
  }
  EXPECT_THAT(rows, ElementsAre("g_cart|1|held by T2 \"flusher\"", "M2|1|held by T3 \"writer\"", "C3|1|",
                                "Ch4||3 of 10 queued, closed"));
}

TEST(TableTest, FindingsHaveTheirNumbersOfTheReport) {
  const auto picture = ShopPicture();
  const Table table = MakeTable(*picture, Tab::kFindings, {}, nullptr);
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_THAT(CellsOf(*picture, table, 0, nullptr),
              ElementsAre("1", "deadlock.cycle", "proved", "2", "2.1 s", HasSubstr("Deadlock of 2 threads")));
  const Table again = MakeTable(*picture, Tab::kFindings, {}, &picture->counts);
  EXPECT_EQ(CellsOf(*picture, again, 0, &picture->counts)[5], "");
  const PictureCounts none;
  EXPECT_EQ(CellsOf(*picture, again, 0, &none)[5], "new");
}

// As two dumps of one process are.
TEST(TableTest, RowsOfTheSameProcessSeenTwiceAreTold) {
  Model both = ShopModel();
  both.Append(ShopModel());
  const auto picture = PictureOf(std::move(both));
  for (size_t tab = 0; tab < kTabs; ++tab) {
    const Table table = MakeTable(*picture, static_cast<Tab>(tab), {}, nullptr);
    for (size_t row = 0; row < table.rows.size(); ++row)
      EXPECT_EQ(FindKey(*picture, table, KeyOf(*picture, table, row)), row);
  }
  EXPECT_EQ(picture->findings.size(), 2u);
}

TEST(TableTest, NamesThatWouldActOnATerminalAreEscaped) {
  const auto picture = ShopPicture(R"(
task { id: 8 kind: "thread" name: "\033[2J\a" test: "a\nb" }
task_state { task: 8 state: "blocked" wait_reason: "x\033]0;y\007" wait_ns: 9000000000 }
)");
  const Table table = MakeTable(*picture, Tab::kTasks, {}, nullptr);
  const std::vector<std::string> cells = CellsOf(*picture, table, 0, nullptr);
  EXPECT_EQ(cells[0], "T8 \"\\x1b[2J\\x07\"");
  EXPECT_EQ(cells[2], "x\\x1b]0;y\\x07");
  for (uint32_t word = 0; word < picture->words.size(); ++word)
    EXPECT_EQ(picture->words[word], Printable(picture->words[word]));
}

}  // namespace
}  // namespace stray::analyzer
