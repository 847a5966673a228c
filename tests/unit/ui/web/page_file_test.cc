// SPDX-License-Identifier: Apache-2.0
#include "ui/web/page_file.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace stray::ui {
namespace {

size_t Count(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(PageFileTest, DataCannotEndTheElementThatItStandsIn) {
  const std::string page = PageFile(R"({"texts":["</script><script>alert(1)</script><!--"]})");
  EXPECT_FALSE(absl::StrContains(page, "alert(1)</script>"));
  EXPECT_TRUE(absl::StrContains(page, R"("\u003c/script>\u003cscript>alert(1)\u003c/script>\u003c!--")"));
  EXPECT_EQ(Count(page, "</script>"), 2u);  // of the data and of the page's own
}

TEST(PageFileTest, LargeDataIsCompressed) {
  const std::string json = absl::StrCat("{\"texts\":[\"", std::string(1 << 20, '<'), "\"]}");
  const std::string page = PageFile(json);
  EXPECT_LT(page.size(), PageFile("{}").size() + (16 << 10));
  EXPECT_TRUE(absl::StrContains(page, "data-encoding=\"gzip\""));
  EXPECT_FALSE(absl::StrContains(PageFile("{}"), "data-encoding"));
}

TEST(PageFileTest, OnlyALivePageMayAskItsServer) {
  EXPECT_FALSE(absl::StrContains(PageFile("{}"), "connect-src"));
  EXPECT_TRUE(absl::StrContains(PageFile("{}", true), "content=\"connect-src 'self'; default-src 'none'"));
}

TEST(PageFileTest, HeaderSaysWhatThePageSaysAndForbidsFrames) {
  const std::string policy = PagePolicy(false);
  EXPECT_TRUE(absl::StartsWith(policy, "default-src 'none'; script-src 'sha256-")) << policy;
  EXPECT_TRUE(absl::EndsWith(policy, "; frame-ancestors 'none'")) << policy;
  EXPECT_FALSE(absl::StrContains(policy, "unsafe")) << policy;
  EXPECT_TRUE(absl::StrContains(PageFile("{}"), policy.substr(0, policy.find("; frame-ancestors"))));
  EXPECT_TRUE(absl::StartsWith(PagePolicy(true), "connect-src 'self'; default-src 'none'"));
}

TEST(PageFileTest, AsksNobodyForAnything) {
  const std::string page = PageFile("{}");
  // Names of XML's languages and texts of libraries are no addresses that anything is loaded from.
  for (const char* loads : {"<link rel=\"stylesheet\"", "src=\"http", "url(http", "@import", "import("})
    EXPECT_FALSE(absl::StrContains(page, loads)) << loads;
}

}  // namespace
}  // namespace stray::ui
