// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/top/top_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "analyzer/cli/top/cell_text.h"
#include "tests/unit/analyzer/cli/top/top_fixture.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Wish = TopView::Wish;

class TopViewTest : public ::testing::Test {
 protected:
  void ShowShop(const std::string& more = "") { view_.Show(ShopPicture(more)); }

  // Each letter is a key.
  Wish Type(const std::string& letters) {
    Wish wish = Wish::kNothing;
    for (const char letter : letters) wish = view_.Press({Key::kText, std::string(1, letter)});
    return wish;
  }
  void Press(Key::Kind kind) { view_.Press({kind, ""}); }

  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    for (const ScreenLine& line : view_.Lines()) lines.push_back(TextOfLine(line));
    return lines;
  }
  std::string Text() const { return absl::StrJoin(Lines(), "\n"); }
  // The row that is shown as chosen.
  std::string Selected() const {
    for (const ScreenLine& line : view_.Lines()) {
      if (line.size() == 1 && line[0].reversed) return line[0].text;
    }
    return "";
  }
  void BeLive() {
    SourceState source;
    source.name = "process 4711";
    source.is_live = true;
    source.period = "2.0 s";
    source.looks = 5;
    source.took = "35 ms";
    view_.SetSource(source);
  }

  TopView view_{Facet::kSite};
};

TEST_F(TopViewTest, BeginsWithTheFindings) {
  ShowShop();
  EXPECT_THAT(Lines()[0], HasSubstr("1 finding in cart_test (pid 4711): 1 deadlock."));
  EXPECT_THAT(Lines()[1], HasSubstr("4 tasks, 3 blocked"));
  EXPECT_THAT(Lines()[2], HasSubstr("1 Findings 1  2 Groups 4  3 Tasks 4  4 Objects 3"));
  EXPECT_THAT(Selected(), HasSubstr("deadlock.cycle"));
}

TEST_F(TopViewTest, EverySizeIsFilledAndNoLineIsWider) {
  ShowShop(kMoreReaders);
  for (const char* keys : {"1", "2", "3", "4", "?", "1\r", "/x"}) {
    for (size_t width = 20; width < 200; width += 7) {
      for (const size_t height : {8, 9, 24, 60}) {
        view_.Resize(width, height);
        Type(keys);
        EXPECT_EQ(view_.Lines().size(), height);
        for (const std::string& line : Lines()) EXPECT_LE(CellWidth(line), width) << line;
        Press(Key::kEscape);
        Press(Key::kEscape);
      }
    }
  }
  view_.Resize(10, 3);
  EXPECT_THAT(Lines(), ElementsAre("too smal.."));
}

TEST_F(TopViewTest, NothingToShowYet) {
  BeLive();
  EXPECT_THAT(Text(), HasSubstr("waiting for the first snapshot of process 4711"));
  Press(Key::kEnter);
  Press(Key::kEnd);
  EXPECT_EQ(Type("234fx/y"), Wish::kNothing);
}

TEST_F(TopViewTest, DetailsOfAFindingHaveReportAndProof) {
  ShowShop();
  view_.Resize(80, 60);
  Press(Key::kEnter);
  EXPECT_THAT(Text(), HasSubstr("wants    mutex M2"));
  EXPECT_THAT(Text(), HasSubstr("finding 1 in cart_test"));
  EXPECT_EQ(Type("q"), Wish::kNothing);
  EXPECT_THAT(Selected(), HasSubstr("deadlock.cycle"));
  EXPECT_EQ(Type("q"), Wish::kQuit);
}

TEST_F(TopViewTest, DetailsScrollWithinTheirEnds) {
  ShowShop();
  view_.Resize(80, 12);
  Press(Key::kEnter);
  const std::string top = Lines()[3];
  Press(Key::kUp);
  EXPECT_EQ(Lines()[3], top);
  Press(Key::kDown);
  EXPECT_NE(Lines()[3], top);
  Press(Key::kEnd);
  const std::string end = Text();
  Press(Key::kPageDown);
  EXPECT_EQ(Text(), end);
  Press(Key::kHome);
  EXPECT_EQ(Lines()[3], top);
}

TEST_F(TopViewTest, AGroupOpensToItsTasksAndEscGoesBack) {
  ShowShop(kMoreReaders);
  Type("2");
  EXPECT_THAT(Selected(), HasSubstr("Queue::Pop"));
  Press(Key::kEnter);
  EXPECT_THAT(Lines()[2], HasSubstr("of a group by site"));
  EXPECT_THAT(Text(), HasSubstr("T6 \"reader\""));
  EXPECT_THAT(Text(), Not(HasSubstr("T2 \"flusher\"")));
  Press(Key::kEnter);
  EXPECT_THAT(Text(), HasSubstr("T4 \"reader\"  blocked for 500 ms in pthread_cond_wait"));
  Press(Key::kEscape);
  Press(Key::kEscape);
  EXPECT_THAT(Selected(), HasSubstr("Queue::Pop"));
  Type("3");
  EXPECT_THAT(Text(), HasSubstr("T2 \"flusher\""));
}

TEST_F(TopViewTest, GroupingGoesThroughAllFacets) {
  ShowShop();
  for (const std::string& word : FacetWords()) {
    if (word == "site") continue;
    Type("b");
    EXPECT_THAT(Lines()[2], HasSubstr("by " + word + ";"));
  }
  Type("b");
  EXPECT_THAT(Lines()[2], HasSubstr("by site;"));
  Type("B");
  EXPECT_THAT(Lines()[2], HasSubstr("by process;"));
}

TEST_F(TopViewTest, SearchMovesWhileItIsTyped) {
  ShowShop(kMoreReaders);
  Type("3");
  EXPECT_THAT(Selected(), HasSubstr("flusher"));
  Type("/r");
  EXPECT_THAT(Selected(), HasSubstr("flusher"));
  Type("eader");
  EXPECT_THAT(Selected(), HasSubstr("T4"));
  EXPECT_EQ(view_.CursorColumn(), 14u);
  EXPECT_THAT(Lines().back(), HasSubstr("search: reader"));
  Press(Key::kEnter);
  Type("n");
  EXPECT_THAT(Selected(), HasSubstr("T6"));
  Type("nn");
  EXPECT_THAT(Selected(), HasSubstr("T4"));
  Type("N");
  EXPECT_THAT(Selected(), HasSubstr("T5"));
}

TEST_F(TopViewTest, SearchThatFindsNothingSaysSoAndEscGoesBackToWhereItBegan) {
  ShowShop();
  Type("3/nothing");
  EXPECT_THAT(Lines().back(), HasSubstr("\"nothing\" is not here"));
  Press(Key::kEscape);
  EXPECT_THAT(Selected(), HasSubstr("flusher"));
  Type("/wri");
  EXPECT_THAT(Selected(), HasSubstr("writer"));
  Press(Key::kEscape);
  EXPECT_THAT(Selected(), HasSubstr("flusher"));
}

TEST_F(TopViewTest, SearchInDetails) {
  ShowShop();
  view_.Resize(80, 12);
  Press(Key::kEnter);
  Type("/finding 1 in");
  EXPECT_THAT(Text(), HasSubstr("finding 1 in cart_test"));
}

TEST_F(TopViewTest, FilterActsWhileItIsTypedAndOnAllTabs) {
  ShowShop(kMoreReaders);
  Type("3fqueue");
  EXPECT_THAT(Text(), Not(HasSubstr("flusher")));
  Press(Key::kBackspace);
  Press(Key::kEnter);
  EXPECT_THAT(Lines()[2], HasSubstr("with \"queu\": 3"));
  Type("1");
  EXPECT_THAT(Text(), HasSubstr("nothing here has that text"));
  Press(Key::kEscape);
  EXPECT_THAT(Text(), HasSubstr("deadlock.cycle"));
  Type("fx");
  Press(Key::kEscape);
  EXPECT_THAT(Text(), HasSubstr("deadlock.cycle"));
}

TEST_F(TopViewTest, BackspaceTakesWholeCharacters) {
  ShowShop();
  Type("f");
  view_.Press({Key::kText, "\xE4\xB8\xAD"});
  EXPECT_EQ(view_.CursorColumn(), 13u);
  Press(Key::kBackspace);
  EXPECT_EQ(view_.CursorColumn(), 11u);
}

TEST_F(TopViewTest, SelectedTaskStaysSelectedInTheNextPicture) {
  BeLive();
  ShowShop();
  Type("3jj");
  EXPECT_THAT(Selected(), HasSubstr("T4"));
  ShowShop(R"(
task { id: 9 kind: "thread" name: "older" }
task_state { task: 9 state: "blocked" wait_reason: "nanosleep" wait_ns: 9000000000 }
)");
  EXPECT_THAT(Selected(), HasSubstr("T4"));
  EXPECT_THAT(Lines()[4], HasSubstr("older"));
}

TEST_F(TopViewTest, ChangesAreToldAgainstTheMark) {
  BeLive();
  ShowShop();
  Type("2");
  EXPECT_THAT(Text(), Not(HasSubstr("change")));
  Type("m");
  ShowShop(kMoreReaders);
  ShowShop(kMoreReaders);
  EXPECT_THAT(Text(), HasSubstr("+2"));
  Type("m");
  EXPECT_THAT(Text(), Not(HasSubstr("+2")));
  EXPECT_THAT(Text(), HasSubstr("change"));
}

TEST_F(TopViewTest, DetailsOfATaskThatIsGoneStay) {
  BeLive();
  ShowShop(kMoreReaders);
  Type("3G");
  Type("k");
  Press(Key::kEnter);
  EXPECT_THAT(Text(), HasSubstr("T5 \"reader\"  blocked"));
  ShowShop();
  EXPECT_THAT(Text(), HasSubstr("T5 \"reader\"  blocked"));
  EXPECT_THAT(Lines().back(), HasSubstr("gone by now"));
}

TEST_F(TopViewTest, SaysHowTheSnapshotsGo) {
  BeLive();
  ShowShop();
  EXPECT_THAT(Lines()[1], HasSubstr("; every 2.0 s; snapshot 5 took 35 ms"));
  Type("p");
  EXPECT_TRUE(view_.is_paused());
  EXPECT_THAT(Lines()[1], HasSubstr("paused"));
  Type(" ");
  EXPECT_FALSE(view_.is_paused());
  EXPECT_EQ(Type("r"), Wish::kLookNow);
  SourceState source;
  source.name = "process 4711";
  source.is_live = source.has_ended = true;
  view_.SetSource(source);
  EXPECT_THAT(Lines()[1], HasSubstr("process 4711 has ended"));
}

TEST_F(TopViewTest, KeysOfALiveProcessDoNothingToADump) {
  ShowShop();
  EXPECT_EQ(Type("pr"), Wish::kNothing);
  EXPECT_FALSE(view_.is_paused());
}

TEST_F(TopViewTest, MissingDataStandsAboveTheFindings) {
  ShowShop("loss { word: \"tasks\" count: 3 }");
  EXPECT_THAT(Lines()[2], HasSubstr("data is incomplete: "));
  EXPECT_THAT(Lines()[3], HasSubstr("1 Findings 1"));
}

TEST_F(TopViewTest, LongNamesScrollAside) {
  ShowShop();
  Type("2");
  view_.Resize(44, 24);
  EXPECT_THAT(Text(), Not(HasSubstr("Ledger::Post")));
  Press(Key::kRight);
  Press(Key::kRight);
  EXPECT_THAT(Text(), HasSubstr("er::Post (ledger"));
  for (int i = 0; i < 9; ++i) Press(Key::kRight);
  EXPECT_THAT(Text(), HasSubstr("cc:"));
  for (int i = 0; i < 9; ++i) Press(Key::kLeft);
  EXPECT_THAT(Text(), HasSubstr("Cart::Total"));
}

TEST_F(TopViewTest, DetailsScrollAside) {
  ShowShop();
  view_.Resize(30, 24);
  Press(Key::kEnter);
  EXPECT_THAT(Text(), HasSubstr("   Two threads wait for each"));
  EXPECT_THAT(Text(), HasSubstr("holds    mutex g_cart, .."));
  Press(Key::kRight);
  EXPECT_THAT(Text(), HasSubstr("tex g_cart, taken at"));
  Press(Key::kLeft);
  EXPECT_THAT(Text(), HasSubstr("holds    mutex g_cart, .."));
}

TEST_F(TopViewTest, HelpNamesEveryKey) {
  view_.Resize(80, 60);
  Type("?");
  for (const char* key :
       {"Enter", "Esc", "Tab", " / ", " f ", "b B", "s S", "p, Space", " r ", " m ", "q, Ctrl-C"})
    EXPECT_THAT(Text(), HasSubstr(key));
}

TEST(PlainPageTest, HasFindingsAndGroups) {
  const auto picture = ShopPicture(kMoreReaders);
  SourceState source;
  source.name = "shop.stray";
  EXPECT_EQ(PlainPage(*picture, source, Facet::kReason, 80),
            "1 finding in cart_test (pid 4711): 1 deadlock.\n"
            "6 tasks, 5 blocked; shop.stray\n"
            "\n"
            "   finding                    tasks     age what\n"
            " 1 deadlock.cycle  proved         2   2.1 s Deadlock of 2 threads\n"
            "\n"
            "  tasks     waiting for wait reason\n"
            "      3   300 to 500 ms pthread_cond_wait\n"
            "      2    2.0 to 2.1 s pthread_mutex_lock\n"
            "      1                 running\n");
}

}  // namespace
}  // namespace stray::analyzer
