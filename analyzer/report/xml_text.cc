// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/xml_text.h"

#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "analyzer/report/page.h"

namespace stray::analyzer {
namespace {

std::string LineText(absl::string_view line) {
  // U+FFFE and U+FFFF are valid UTF-8 and no characters of XML.
  return absl::StrReplaceAll(Printable(line), {{"&", "&amp;"},
                                               {"<", "&lt;"},
                                               {">", "&gt;"},
                                               {"\"", "&quot;"},
                                               {"\xef\xbf\xbe", "\\xef\\xbf\\xbe"},
                                               {"\xef\xbf\xbf", "\\xef\\xbf\\xbf"}});
}

std::string JoinedLines(absl::string_view text, absl::string_view between) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  return absl::StrJoin(lines, between,
                       [](std::string* out, absl::string_view line) { out->append(LineText(line)); });
}

}  // namespace

std::string XmlText(absl::string_view text) { return JoinedLines(text, "\n"); }
std::string XmlAttribute(absl::string_view text) { return JoinedLines(text, " "); }

}  // namespace stray::analyzer
