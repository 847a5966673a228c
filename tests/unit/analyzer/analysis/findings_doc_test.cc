// SPDX-License-Identifier: Apache-2.0
// docs/FINDINGS.md says something about every finding and every kind of misuse there is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace stray::analyzer {
namespace {

using ::testing::HasSubstr;

std::string FindingsDoc() {
  std::ifstream in(std::string(STRAY_SOURCE_DIR) + "/docs/FINDINGS.md");
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(FindingsDocTest, HasASectionAndAnAnchorForEveryFinding) {
  const std::string doc = FindingsDoc();
  for (const std::string id :
       {"deadlock.cycle", "deadlock.self", "deadlock.all", "hang.timeout", "leak.blocked", "leak.alive",
        "leak.unjoined", "lock-order.cycle", "sync.misuse", "channel.misuse", "wait-group.misuse", "race.data",
        "race.predicted", "race.lockset", "deadlock.predicted", "channel.predicted", "wait-group.predicted"}) {
    EXPECT_THAT(doc, HasSubstr("\n## " + id + " ("));
    EXPECT_THAT(doc, HasSubstr("<a id=\"" + id + "\"></a>"));
  }
}

TEST(FindingsDocTest, NamesEveryKindOfMisuse) {
  const std::string doc = FindingsDoc();
#define STRAY_MISUSE_KIND(number, enumerator, word, sentence) EXPECT_THAT(doc, HasSubstr("`" word "`"));
#include "agent/wire/misuse_kinds.inc"
#undef STRAY_MISUSE_KIND
}

TEST(FindingsDocTest, NamesEveryKindOfReport) {
  const std::string doc = FindingsDoc();
#define STRAY_REPORT_KIND(word, said, finding, title) EXPECT_THAT(doc, HasSubstr("`" word "`"));
#include "agent/wire/report_kinds.inc"
#undef STRAY_REPORT_KIND
}

}  // namespace
}  // namespace stray::analyzer
