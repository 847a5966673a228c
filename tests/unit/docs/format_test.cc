// SPDX-License-Identifier: Apache-2.0
// The tables of docs/FORMAT.md say what agent/wire/*.inc and dump.proto say. After a change of a list, put the
// table that the failure prints into the page.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/wire/black_box.h"
#include "agent/wire/dump.pb.h"

namespace stray::analyzer {
namespace {

std::string ReadPage() {
  std::ifstream file(STRAY_SOURCE_DIR "/docs/FORMAT.md");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// What stands between the marks of `list` in the page.
std::string TableInPage(const std::string& list) {
  const std::string page = ReadPage();
  const std::string mark = absl::StrCat("<!-- checked: ", list, " -->\n\n");
  const size_t begin = page.find(mark);
  if (begin == std::string::npos) return "no such mark";
  const size_t end = page.find("\n<!-- end -->", begin);
  return page.substr(begin + mark.size(), end - begin - mark.size());
}

std::string Code(const std::string& word) { return absl::StrCat("`", word, "`"); }

std::string Row(const std::vector<std::string>& cells) {
  std::string row = "|";
  for (const std::string& cell : cells) absl::StrAppend(&row, " ", cell, " |");
  return row + "\n";
}

std::string Table(const std::vector<std::string>& head) {
  std::string table = Row(head) + "|";
  for (size_t i = 0; i < head.size(); ++i) table += "---|";
  return table + "\n";
}

// "kAnyTask" as "any task".
std::string EnumeratorWords(const std::string& enumerator) {
  std::string words;
  for (const char c : enumerator.substr(1)) {
    if (c >= 'A' && c <= 'Z' && !words.empty()) words += ' ';
    words += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return words;
}

std::string KindWord(box::ObjectKind kind) {
  switch (kind) {
#define STRAY_OBJECT_KIND(number, enumerator, word) \
  case box::ObjectKind::enumerator:                 \
    return *word == '\0' ? "-" : word;
#include "agent/wire/object_kinds.inc"
#undef STRAY_OBJECT_KIND
  }
  return "?";
}

TEST(FormatPageTest, WaitReasonsAreThoseOfTheList) {
  std::string table = Table({"number", "word", "waker", "object"});
#define STRAY_WAIT_REASON(number, enumerator, word, waker, object_kind)                                       \
  if (number != 0) {                                                                                          \
    table += Row(                                                                                             \
        {absl::StrCat(number), Code(word), EnumeratorWords(#waker), KindWord(box::ObjectKind::object_kind)}); \
  }
#include "agent/wire/wait_reasons.inc"
#undef STRAY_WAIT_REASON
  EXPECT_EQ(TableInPage("wait_reasons.inc"), table);
}

TEST(FormatPageTest, ObjectKindsAreThoseOfTheList) {
  std::string table = Table({"number", "word"});
#define STRAY_OBJECT_KIND(number, enumerator, word) \
  if (number != 0) table += Row({absl::StrCat(number), Code(word)});
#include "agent/wire/object_kinds.inc"
#undef STRAY_OBJECT_KIND
  EXPECT_EQ(TableInPage("object_kinds.inc"), table);
}

TEST(FormatPageTest, EventKindsAreThoseOfTheList) {
  std::string table = Table({"number", "word"});
#define STRAY_EVENT_KIND(number, enumerator, word) \
  if (number != 0) table += Row({absl::StrCat(number), Code(word)});
#include "agent/wire/event_kinds.inc"
#undef STRAY_EVENT_KIND
  EXPECT_EQ(TableInPage("event_kinds.inc"), table);
}

TEST(FormatPageTest, MisuseKindsAreThoseOfTheList) {
  std::string table = Table({"number", "word", "meaning"});
#define STRAY_MISUSE_KIND(number, enumerator, word, sentence) \
  table += Row({absl::StrCat(number), Code(word), sentence});
#include "agent/wire/misuse_kinds.inc"
#undef STRAY_MISUSE_KIND
  EXPECT_EQ(TableInPage("misuse_kinds.inc"), table);
}

TEST(FormatPageTest, ReportKindsAreThoseOfTheList) {
  std::string table = Table({"word", "ThreadSanitizer says", "finding"});
#define STRAY_REPORT_KIND(word, said, finding, title) \
  table += Row({Code(word), *said == '\0' ? "anything else" : said, Code(finding)});
#include "agent/wire/report_kinds.inc"
#undef STRAY_REPORT_KIND
  EXPECT_EQ(TableInPage("report_kinds.inc"), table);
}

TEST(FormatPageTest, LossesAreThoseOfTheList) {
  std::string table = Table({"word", "severity", "meaning"});
#define STRAY_LOSS(enumerator, word, sentence, severity) \
  table += Row({Code(word), EnumeratorWords(#severity), sentence});
#include "agent/wire/losses.inc"
#undef STRAY_LOSS
  EXPECT_EQ(TableInPage("losses.inc"), table);
}

TEST(FormatPageTest, RecordsAreThoseOfTheProtocol) {
  const auto* record = wire::Record::descriptor();
  std::vector<std::string> rows = absl::StrSplit(TableInPage("records"), '\n', absl::SkipEmpty());
  ASSERT_EQ(rows.size(), static_cast<size_t>(record->field_count()) + 2);
  for (int i = 0; i < record->field_count(); ++i) {
    const std::string begin =
        absl::StrCat("| ", record->field(i)->number(), " | `", record->field(i)->name(), "` | ");
    EXPECT_EQ(rows[static_cast<size_t>(i) + 2].substr(0, begin.size()), begin);
  }
}

}  // namespace
}  // namespace stray::analyzer
