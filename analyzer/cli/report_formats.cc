// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/report_formats.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "analyzer/report/task_profile.h"

namespace stray::analyzer {
namespace {

constexpr bool kYes = true;
constexpr bool kNo = false;

constexpr ReportFormat kFormats[] = {
    // word, meaning, binary, lists_tasks, takes_profile, one_document, page, shows_time, needs_trace
    {"text", "for people (default)", kNo, kNo, kNo, kNo},
    {"json", "all there is, for programs", kNo, kNo, kNo, kNo},
    {"html", "a page to look around in, one file", kNo, kNo, kNo, kYes, kYes, kYes},
    {"dot", "a graph of who waits for whom, for graphviz", kNo, kNo, kNo, kNo},
    {"junit", "XML: a failed test case for each finding", kNo, kNo, kNo, kYes},
    {"sarif", "SARIF 2.1.0, for code scanning", kNo, kNo, kNo, kYes},
    {"github", "annotations and a summary in GitHub Actions", kNo, kNo, kNo, kNo},
    {"markdown", "for a comment on a pull request", kNo, kNo, kNo, kNo},
    {"pprof", "profile of all tasks, for go tool pprof", kYes, kYes, kYes, kYes},
    {"folded", "a line for each stack, for flame graphs", kNo, kYes, kYes, kNo},
    {"goroutine", "all tasks as Go prints them (debug=2)", kNo, kYes, kNo, kNo},
    {"goroutine-debug1", "grouped by stack, as Go does (debug=1)", kNo, kYes, kYes, kYes},
    {"perfetto", "of a trace, what tasks did when, for ui.perfetto.dev", kNo, kNo, kNo, kYes, kNo, kYes, kYes},
};

}  // namespace

const ReportFormat& FormatOf(absl::string_view word) {
  const auto* const it = std::find_if(std::begin(kFormats), std::end(kFormats),
                                      [&](const ReportFormat& format) { return format.word == word; });
  return it == std::end(kFormats) ? kFormats[0] : *it;
}

std::vector<std::string> ReportFormatWords() {
  std::vector<std::string> words;
  for (const ReportFormat& format : kFormats) words.emplace_back(format.word);
  return words;
}

std::string ReportFormatsText() {
  constexpr size_t kColumn = 18;
  std::string text = "Formats:\n";
  for (const ReportFormat& format : kFormats)
    absl::StrAppend(&text, "  ", format.word, std::string(kColumn - format.word.size(), ' '), format.meaning,
                    "\n");
  return text;
}

absl::Status CheckHasDataFor(const Model& model, absl::string_view format) {
  const ReportFormat& wanted = FormatOf(format);
  const bool has_time = std::any_of(model.processes.begin(), model.processes.end(),
                                    [](const auto& process) { return process->timeline.has_value(); });
  if (wanted.needs_trace && !has_time) {
    return absl::FailedPreconditionError(absl::StrCat("there is no trace, and --format ", format,
                                                      " shows nothing else; `stray run --trace` records one"));
  }
  if (!wanted.lists_tasks || HasTasks(model)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("data is incomplete: there is no snapshot that says what tasks were doing, and --format ",
                   format, " lists nothing else; the text report says what is known"));
}

absl::Status CheckNeedsNoTrace(absl::string_view format) {
  if (!FormatOf(format).needs_trace) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--format ", format, " shows a trace: `stray run --trace` records one"));
}

}  // namespace stray::analyzer
