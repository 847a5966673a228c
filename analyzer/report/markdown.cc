// SPDX-License-Identifier: Apache-2.0
// markdown.cc: a report for a comment on a pull request, or the summary of a job: a table, and behind it each
// finding as the text report has it, folded away.
//
// Names come from the program under test. Outside of code no character of theirs means anything: neither
// Markdown nor HTML, and nobody is mentioned.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "analyzer/report/data_remarks.h"
#include "analyzer/report/finding_place.h"
#include "analyzer/report/finding_text.h"
#include "analyzer/report/names.h"
#include "analyzer/report/page.h"
#include "analyzer/report/report.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMostBytes = 65'000;  // a comment may have 65,536 characters
constexpr size_t kMostTableBytes = 25'000;
constexpr size_t kMostRemarks = 10;
constexpr size_t kMostTitle = 200;

// Every character that could mean something becomes an entity, which means itself everywhere.
std::string Plain(absl::string_view text) {
  std::string result;
  for (char c : Shorten(Printable(text), kMostTitle)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool harmless = byte >= 0x80 || absl::ascii_isalnum(byte) ||
                          absl::string_view(" .,;/\"'()-").find(c) != absl::string_view::npos;
    if (harmless) {
      result += c;
    } else {
      absl::StrAppend(&result, "&#", static_cast<unsigned>(byte), ";");
    }
  }
  return result;
}

// A block of code is closed by a fence that is as long as the one that opened it.
std::string Fence(absl::string_view text) {
  size_t longest = 2;
  size_t run = 0;
  for (char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return std::string(longest + 1, '`');
}

std::string PlaceText(const Finding& finding, const ReportOptions& options) {
  const std::optional<FrameView> place = PlaceOf(finding);
  if (!place.has_value()) return "";
  const std::optional<SourcePlace> source = SourceOf(place);
  const std::string where =
      source.has_value()
          ? absl::StrCat(" (", PathBelow(options.source_root, source->file), ":", source->line, ")")
          : "";
  return Plain(absl::StrCat(DisplayName(*place), where));
}

std::string Row(const Finding& finding, size_t number, bool with_tests, const ReportOptions& options) {
  return absl::StrCat("| ", number, " | **", Plain(finding.id), "** | ", ConfidenceText(finding.confidence),
                      " | ", finding.count, " | ", Plain(finding.title), " | ", PlaceText(finding, options),
                      " |", with_tests ? absl::StrCat(" ", Plain(TestsText(finding)), " |") : "", "\n");
}

std::string Table(const std::vector<const Finding*>& shown, const ReportOptions& options) {
  if (shown.empty()) return "";
  const bool with_tests = std::any_of(shown.begin(), shown.end(),
                                      [](const Finding* finding) { return !TestsOf(*finding).empty(); });
  std::string text =
      absl::StrCat("\n| # | finding | confidence | times | what | where |", with_tests ? " test |" : "",
                   "\n|--:|---|---|--:|---|---|", with_tests ? "---|" : "", "\n");
  size_t rows = 0;
  for (; rows < shown.size() && text.size() < kMostTableBytes; ++rows)
    absl::StrAppend(&text, Row(*shown[rows], rows + 1, with_tests, options));
  if (rows < shown.size()) absl::StrAppend(&text, "\nand ", shown.size() - rows, " more\n");
  return text;
}

std::string Details(const Finding& finding, size_t number, const ReportOptions& options) {
  ReportOptions plain = options;
  plain.color = false;
  const std::string text = FindingReport(finding, plain);
  const std::string fence = Fence(text);
  return absl::StrCat("\n<details><summary>", number, ". <b>", Plain(finding.id), "</b> ", Plain(finding.title),
                      "</summary>\n\n", fence, "text\n", text, fence, "\n\n</details>\n");
}

std::string Remarks(const Model& model, const ReportOptions& options) {
  std::vector<std::string> lines;
  for (const DataRemark& remark : DataRemarks(model)) {
    lines.push_back(
        absl::StrCat("- ", remark.incomplete ? "**data is incomplete:** " : "note: ", Plain(remark.text)));
  }
  for (const std::string& note : options.notes) lines.push_back(absl::StrCat("- note: ", Plain(note)));
  std::string text;
  for (size_t i = 0; i < std::min(lines.size(), kMostRemarks); ++i) absl::StrAppend(&text, "\n", lines[i]);
  if (lines.size() > kMostRemarks) absl::StrAppend(&text, "\n- and ", lines.size() - kMostRemarks, " more");
  return text.empty() ? "" : absl::StrCat(text, "\n");
}

}  // namespace

std::string MarkdownReport(const Model& model, const std::vector<Finding>& findings,
                           const ReportOptions& options) {
  const std::vector<const Finding*> shown = InReportOrder(findings);
  std::string text = absl::StrCat("### stray: ", Plain(Headline(model, findings)), "\n",
                                  Remarks(model, options), Table(shown, options));
  size_t written = 0;
  for (; written < shown.size(); ++written) {
    const std::string details = Details(*shown[written], written + 1, options);
    if (text.size() + details.size() > kMostBytes) break;
    text += details;
  }
  if (written < shown.size()) {
    absl::StrAppend(&text, "\nThere was no room for the details of ", shown.size() - written,
                    " more: the text report has them.\n");
  }
  return text;
}

}  // namespace stray::analyzer
