// SPDX-License-Identifier: Apache-2.0
// github.cc: findings as workflow commands of GitHub Actions, which shows them beside the lines they are about.
//
//   ::error file=src/cart.cc,line=81,title=deadlock.cycle::Two threads wait ...%0AT2 waits for ...
//
// A command is one line; the runner takes the escapes %25, %0D and %0A back, and in properties %3A and %2C.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/report/data_remarks.h"
#include "analyzer/report/finding_place.h"
#include "analyzer/report/finding_text.h"
#include "analyzer/report/page.h"
#include "analyzer/report/report.h"

namespace stray::analyzer {
namespace {

// `text` may have lines.
std::string Data(absl::string_view text) {
  std::string data;
  for (char c : text) {
    if (c == '\n') {
      data += "%0A";
    } else if (c == '%') {
      data += "%25";
    } else {
      data += c;
    }
  }
  return data;
}

std::string Property(absl::string_view text) {
  return absl::StrReplaceAll(Data(Printable(text)), {{":", "%3A"}, {",", "%2C"}});
}

std::string Command(absl::string_view level, const std::optional<SourcePlace>& source, absl::string_view root,
                    absl::string_view title, absl::string_view message) {
  std::string text = absl::StrCat("::", level, " ");
  if (source.has_value()) {
    absl::StrAppend(&text, "file=", Property(PathBelow(root, source->file)), ",");
    if (source->line != 0) absl::StrAppend(&text, "line=", source->line, ",");
  }
  return absl::StrCat(text, "title=", Property(title), "::", message, "\n");
}

std::string FindingCommand(const Finding& finding, const ReportOptions& options) {
  const bool fails = options.fails == nullptr || options.fails(finding);
  const std::string test = TestsText(finding);
  const std::string where = test.empty() ? "" : absl::StrCat(" in ", test);
  return Command(fails ? "error" : "warning", SourceOf(PlaceOf(finding)), options.source_root,
                 absl::StrCat(finding.id, " (", ConfidenceText(finding.confidence), ")", where),
                 absl::StrCat(Data(Printable(finding.title)), ".%0A", Data(Printable(finding.explanation))));
}

}  // namespace

std::string GithubReport(const Model& model, const std::vector<Finding>& findings,
                         const ReportOptions& options) {
  std::string text;
  for (const Finding* finding : InReportOrder(findings)) text += FindingCommand(*finding, options);
  for (const DataRemark& remark : DataRemarks(model)) {
    if (!remark.incomplete) continue;
    text += Command("warning", std::nullopt, "", "stray: data is incomplete", Data(Printable(remark.text)));
  }
  return absl::StrCat(text,
                      Command("notice", std::nullopt, "", "stray", Data(Printable(Headline(model, findings)))));
}

}  // namespace stray::analyzer
